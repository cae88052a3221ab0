
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'specter-token' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'specter-token'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'specter-token' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a token and print it once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens, one per row')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one token: its claims, times and status')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Remove tokens, so that Specter refuses them')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether Specter would accept a token, and why not')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a data folder that Specter can start on')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'specter-token;create' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'What the token is for; unique for its user')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'What the token is for; unique for its user')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'How long the token lives, such as `3 months`')
            [CompletionResult]::new('--life', '--life', [CompletionResultType]::ParameterName, 'How long the token lives, such as `3 months`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'When the token expires, in place of --life')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'The user of the token [default: the only admin]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of the token [default: the only admin]')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'What to print')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the token to a new FILE, and print its id')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Remove the user''s token with the same description')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Go on even if the key seems to be wrong')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would be made, as JSON, and make nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;list' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'List only the tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'List only the tokens of this user')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'List only tokens of this status')
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'List only tokens that expire within this time')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'The order of the tokens [default: the oldest first]')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'Print only the ids, one per line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;show' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Look only among the tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Look only among the tokens of this user')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'With --reveal, print only the token')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Also show the token itself')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;revoke' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Remove only tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Remove only tokens of this user')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--expired', '--expired', [CompletionResultType]::ParameterName, 'Remove all expired tokens')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Remove all tokens')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would be removed, and remove nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--ignore-missing', '--ignore-missing', [CompletionResultType]::ParameterName, 'Ignore names that match no token')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;verify' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for each answer of the server [default: 30]')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Judge as Specter would at this time')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Refuse a token that expires sooner than this')
            [CompletionResult]::new('--specter-version', '--specter-version', [CompletionResultType]::ParameterName, 'Judge as this version of Specter would')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send the password and tokens unencrypted, over http, to a server on another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;init' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no messages except warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;completions' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, and errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
