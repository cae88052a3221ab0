
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
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand --color 'When to use colours'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Create a token and print it once'
            cand list 'List the tokens, one a row'
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
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand -d 'What the token is for; unique for its user'
            cand --description 'What the token is for; unique for its user'
            cand -l 'How long the token lives, such as `3 months`'
            cand --life 'How long the token lives, such as `3 months`'
            cand --until 'When the token expires, in place of --life'
            cand -u 'Whose token it is [default: the only admin]'
            cand --user 'Whose token it is [default: the only admin]'
            cand --print 'What to print'
            cand --out 'Write the token to a new FILE, and print its id'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --replace 'Remove the user''s token of the same description'
            cand --new-key 'Go on although the key seems to be wrong'
            cand --dry-run 'Say what would be made, as JSON, and make nothing'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;list'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand --color 'When to use colours'
            cand -u 'Only the tokens of this user'
            cand --user 'Only the tokens of this user'
            cand --status 'Only tokens of this status'
            cand --expires-within 'Only tokens that expire within this time'
            cand --sort 'Order [default: the oldest first]'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --ids 'Print the ids alone, one a line'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;show'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand -u 'Look only among the tokens of this user'
            cand --user 'Look only among the tokens of this user'
            cand --print 'With --reveal, print the token alone'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --reveal 'Show the token itself as well'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;revoke'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand -u 'Only tokens of this user'
            cand --user 'Only tokens of this user'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --expired 'Remove all expired tokens'
            cand --all 'Remove all tokens'
            cand --dry-run 'Say what would be removed, and remove nothing'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --ignore-missing 'Pass over names that match no token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;verify'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand --at 'Judge as Specter would at this time'
            cand --for 'Refuse a token that lives for less than this'
            cand --specter-version 'Judge as this version of Specter would'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;init'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;completions'= {
            cand --json 'Print JSON; errors too, on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;help'= {
        }
    ]
    $completions[$command]
}
