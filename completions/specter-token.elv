
use builtin;
use str;

set edit:completion:arg-completer[specter-token] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'specter-token'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'specter-token'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand --color 'When to use colours'
            cand --even-if-running 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Create a token and print it once'
            cand list 'List the tokens, one per row'
            cand show 'Show one token: its claims, times and status'
            cand revoke 'Remove tokens, so that Specter refuses them'
            cand verify 'Say whether Specter would accept a token, and why not'
            cand init 'Make a data folder that Specter can start on'
            cand completions 'Print the completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'specter-token;create'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand -d 'What the token is for; unique for its user'
            cand --description 'What the token is for; unique for its user'
            cand -l 'How long the token lives, such as `3 months`'
            cand --life 'How long the token lives, such as `3 months`'
            cand --until 'When the token expires, in place of --life'
            cand -u 'The user of the token [default: the only admin]'
            cand --user 'The user of the token [default: the only admin]'
            cand --print 'What to print'
            cand --out 'Write the token to a new FILE, and print its id'
            cand --even-if-running 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand --replace 'Remove the user''s token with the same description'
            cand --new-key 'Go on even if the key seems to be wrong'
            cand --dry-run 'Print what would be made, as JSON, and make nothing'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;list'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand --color 'When to use colours'
            cand -u 'List only the tokens of this user'
            cand --user 'List only the tokens of this user'
            cand --status 'List only tokens of this status'
            cand --expires-within 'List only tokens that expire within this time'
            cand --sort 'The order of the tokens [default: the oldest first]'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand --ids 'Print only the ids, one per line'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;show'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand -u 'Look only among the tokens of this user'
            cand --user 'Look only among the tokens of this user'
            cand --print 'With --reveal, print only the token'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand --reveal 'Also show the token itself'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;revoke'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand -u 'Remove only tokens of this user'
            cand --user 'Remove only tokens of this user'
            cand --even-if-running 'Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand --expired 'Remove all expired tokens'
            cand --all 'Remove all tokens'
            cand --dry-run 'Print what would be removed, and remove nothing'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --ignore-missing 'Ignore names that match no token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;verify'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --ca-cert 'Trust only the certificates in FILE: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'How long to wait for each answer of the server [default: 30]'
            cand --at 'Judge as Specter would at this time'
            cand --for 'Refuse a token that expires sooner than this'
            cand --specter-version 'Judge as this version of Specter would'
            cand --allow-http 'Send the password and tokens unencrypted, over http, to a server on another machine'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;init'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --password-file 'Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the admin that `init` makes'
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -q 'Print no messages except warnings, hints and errors'
            cand --quiet 'Print no messages except warnings, hints and errors'
            cand --no-input 'Never ask a question, but fail instead [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;completions'= {
            cand --json 'Print JSON, and errors as JSON on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;help'= {
        }
    ]
    $completions[$command]
}
