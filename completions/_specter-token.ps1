
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
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a token and print it once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens, one a row')
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
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'What the token is for; unique for its user')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'What the token is for; unique for its user')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'How long the token lives, such as `3 months`')
            [CompletionResult]::new('--life', '--life', [CompletionResultType]::ParameterName, 'How long the token lives, such as `3 months`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'When the token expires, in place of --life')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Whose token it is [default: the only admin]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Whose token it is [default: the only admin]')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'What to print')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the token to a new FILE, and print its id')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Remove the user''s token of the same description')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Go on although the key seems to be wrong')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be made, as JSON, and make nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;list' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Only the tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Only the tokens of this user')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only tokens of this status')
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Only tokens that expire within this time')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order [default: the oldest first]')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'Print the ids alone, one a line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;show' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Look only among the tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Look only among the tokens of this user')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'With --reveal, print the token alone')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Show the token itself as well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;revoke' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Only tokens of this user')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Only tokens of this user')
            [CompletionResult]::new('--even-if-running', '--even-if-running', [CompletionResultType]::ParameterName, 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('--expired', '--expired', [CompletionResultType]::ParameterName, 'Remove all expired tokens')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Remove all tokens')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be removed, and remove nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--ignore-missing', '--ignore-missing', [CompletionResultType]::ParameterName, 'Pass over names that match no token')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;verify' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait so long for each answer of the server [default: 30]')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Judge as Specter would at this time')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Refuse a token that lives for less than this')
            [CompletionResult]::new('--specter-version', '--specter-version', [CompletionResultType]::ParameterName, 'Judge as this version of Specter would')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Send password and tokens unencrypted, over http, to a server that is another machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;init' {
            [CompletionResult]::new('--data-folder', '--data-folder', [CompletionResultType]::ParameterName, 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings, hints and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'specter-token;completions' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON; errors too, on standard error')
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
