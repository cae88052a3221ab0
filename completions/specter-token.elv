
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
            cand show 'Show one token: its claims, times and status, and why Specter would refuse it'
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
            cand --color 'When to use colours'
            cand -d 'What the token is for; unique among the user''s tokens'
            cand --description 'What the token is for; unique among the user''s tokens'
            cand -l 'How long the token lives: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`'
            cand --life 'How long the token lives: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`'
            cand --until 'When the token expires, in place of --life: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`'
            cand -u 'Whose token it is [default: the only admin; on a server: admin]'
            cand --user 'Whose token it is [default: the only admin; on a server: admin]'
            cand --print 'What to print'
            cand --out 'Write the token to a new FILE that only you can read, and print its id instead'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --replace 'Remove the user''s token of the same description, even if it has not expired'
            cand --new-key 'Go on although the key fits none of the user''s tokens, or differs from the folder''s own'
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
            cand -u 'Only the tokens of this user; on a server, whose they are [default there: admin]'
            cand --user 'Only the tokens of this user; on a server, whose they are [default there: admin]'
            cand --status 'Only tokens of this status'
            cand --expires-within 'Only tokens that expire within this time, expired ones left out'
            cand --sort 'Order [default: as in users.json, the oldest first]'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
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
            cand --color 'When to use colours'
            cand -u 'Look only among the tokens of this user; on a server, whose they are [default there: admin]'
            cand --user 'Look only among the tokens of this user; on a server, whose they are [default there: admin]'
            cand --print 'With --reveal, print the token alone'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
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
            cand --color 'When to use colours'
            cand -u 'Only tokens of this user, and of another user''s token only the copy that stands under this one; on a server, whose they are [default there: admin]'
            cand --user 'Only tokens of this user, and of another user''s token only the copy that stands under this one; on a server, whose they are [default there: admin]'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
            cand --allow-http 'Send password and tokens unencrypted, over http, to a server that is another machine'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Say nothing but warnings, hints and errors'
            cand --quiet 'Say nothing but warnings, hints and errors'
            cand --no-input 'Ask nothing: what would be asked is an error [env: CI, unless empty, 0 or false]'
            cand --expired 'Remove all expired tokens'
            cand --all 'Remove all tokens'
            cand --dry-run 'Say what would be removed, and remove nothing'
            cand -y 'Do not ask; without a terminal --all insists on it, and --expired where the clock seems to be wrong'
            cand --yes 'Do not ask; without a terminal --all insists on it, and --expired where the clock seems to be wrong'
            cand --ignore-missing 'Pass over names that match no token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;verify'= {
            cand --data-folder 'Specter''s data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --server 'Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]'
            cand --password-file 'Read the password of the user on the server [env: SPECTER_PASSWORD], or of the admin that `init` makes, from FILE (`-`: standard input)'
            cand --ca-cert 'Trust the certificates in FILE, and no others: Specter''s own cert.pem, or those of authorities [env: SPECTER_CA_CERT]'
            cand --timeout 'Wait so long for each answer of the server [default: 30]'
            cand --color 'When to use colours'
            cand --at 'Judge as Specter would at this time: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`, `+3days`'
            cand --for 'Refuse a token that does not live for at least so long from then on'
            cand --specter-version 'Judge as this version of Specter, such as 2.1.10 [default: the one that was started on the data folder last]'
            cand --even-if-running 'Change users.json although a Specter is running that does not see the change, and writes over it at its next save'
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
        }
        &'specter-token;completions'= {
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
        }
        &'specter-token;help'= {
            cand create 'Create a token and print it once'
            cand list 'List the tokens, one a row'
            cand show 'Show one token: its claims, times and status, and why Specter would refuse it'
            cand revoke 'Remove tokens, so that Specter refuses them'
            cand verify 'Say whether Specter would accept a token, and why not'
            cand init 'Make a data folder that Specter can start on'
            cand completions 'Print the completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'specter-token;help;create'= {
        }
        &'specter-token;help;list'= {
        }
        &'specter-token;help;show'= {
        }
        &'specter-token;help;revoke'= {
        }
        &'specter-token;help;verify'= {
        }
        &'specter-token;help;init'= {
        }
        &'specter-token;help;completions'= {
        }
        &'specter-token;help;help'= {
        }
    ]
    $completions[$command]
}
