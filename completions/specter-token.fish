# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_specter_token_global_optspecs
    string join \n data-folder= secret-file= even-if-running server= password-file= ca-cert= allow-http timeout= json color= q/quiet no-input h/help V/version
end

function __fish_specter_token_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_specter_token_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_specter_token_using_subcommand
    set -l cmd (__fish_specter_token_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c specter-token -n "__fish_specter_token_needs_command" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_needs_command" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_needs_command" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_needs_command" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_needs_command" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_needs_command" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c specter-token -n "__fish_specter_token_needs_command" -l even-if-running -d 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
complete -c specter-token -n "__fish_specter_token_needs_command" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_needs_command" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_needs_command" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_needs_command" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_needs_command" -s V -l version -d 'Print version'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "create" -d 'Create a token and print it once'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "list" -d 'List the tokens, one per row'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "show" -d 'Show one token: its claims, times and status'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "revoke" -d 'Remove tokens, so that Specter refuses them'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "verify" -d 'Say whether Specter would accept a token, and why not'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "init" -d 'Make a data folder that Specter can start on'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c specter-token -n "__fish_specter_token_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -s d -l description -d 'What the token is for; unique for its user' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -s l -l life -d 'How long the token lives, such as `3 months`' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l until -d 'When the token expires, in place of --life' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -s u -l user -d 'The user of the token [default: the only admin]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l print -d 'What to print' -r -f -a "token\t'The token'
header\t'`Authorization: Bearer TOKEN`, as `curl -H @FILE` reads it'"
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l out -d 'Write the token to a new FILE, and print its id' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l even-if-running -d 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l replace -d 'Remove the user\'s token with the same description'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l new-key -d 'Go on even if the key seems to be wrong'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -l dry-run -d 'Print what would be made, as JSON, and make nothing'
complete -c specter-token -n "__fish_specter_token_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -s u -l user -d 'List only the tokens of this user' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l status -d 'List only tokens of this status' -r -f -a "valid\t''
expired\t''
rejected\t''
unchecked\t''"
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l expires-within -d 'List only tokens that expire within this time' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l sort -d 'The order of the tokens [default: the oldest first]' -r -f -a "expires\t''
description\t''"
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -l ids -d 'Print only the ids, one per line'
complete -c specter-token -n "__fish_specter_token_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -s u -l user -d 'Look only among the tokens of this user' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l print -d 'With --reveal, print only the token' -r -f -a "token\t'The token'
header\t'`Authorization: Bearer TOKEN`, as `curl -H @FILE` reads it'"
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -l reveal -d 'Also show the token itself'
complete -c specter-token -n "__fish_specter_token_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -s u -l user -d 'Remove only tokens of this user' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l even-if-running -d 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l expired -d 'Remove all expired tokens'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l all -d 'Remove all tokens'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l dry-run -d 'Print what would be removed, and remove nothing'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -s y -l yes -d 'Do not ask'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -l ignore-missing -d 'Ignore names that match no token'
complete -c specter-token -n "__fish_specter_token_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l secret-file -d 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder\'s secret_key' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l server -d 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l ca-cert -d 'Trust only the certificates in FILE: Specter\'s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l timeout -d 'How long to wait for each answer of the server [default: 30]' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l at -d 'Judge as Specter would at this time' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l for -d 'Refuse a token that expires sooner than this' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l specter-version -d 'Judge as this version of Specter would' -r -f
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l allow-http -d 'Send the password and tokens unencrypted, over http, to a server on another machine'
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -l data-folder -d 'Specter\'s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]' -r -f -a "(__fish_complete_directories)"
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -l password-file -d 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes' -r -F
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -s q -l quiet -d 'Print no messages except warnings, hints and errors'
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -l no-input -d 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
complete -c specter-token -n "__fish_specter_token_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand completions" -l json -d 'Print JSON, and errors as JSON on standard error'
complete -c specter-token -n "__fish_specter_token_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c specter-token -n "__fish_specter_token_using_subcommand completions" -f -a "bash elvish fish powershell zsh"
