
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
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Create a token and print it once'
            cand list 'List the tokens, one a row'
            cand show 'Show one token: its claims, times and status, and why Specter would refuse it'
            cand revoke 'Remove tokens, so that Specter refuses them from its next start'
            cand verify 'Say whether Specter would accept a token, and why not'
            cand init 'Make a data folder that Specter can start on'
            cand completions 'Print the completion script for a shell'
        }
        &'specter-token;create'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand -d 'What the token is for; unique among the user''s tokens'
            cand --description 'What the token is for; unique among the user''s tokens'
            cand -l 'How long the token lives: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`'
            cand --life 'How long the token lives: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`'
            cand --until 'When the token expires, in place of --life: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`'
            cand -u 'Whose token it is [default: the only admin]'
            cand --user 'Whose token it is [default: the only admin]'
            cand --print 'What to print'
            cand --out 'Write the token to a new FILE that only you can read, and print its id instead'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand --replace 'Remove the user''s token of the same description, even if it has not expired'
            cand --new-key 'Go on although the key fits none of the user''s tokens'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;list'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand -u 'Only the tokens of this user'
            cand --user 'Only the tokens of this user'
            cand --status 'Only tokens of this status'
            cand --expires-within 'Only tokens that expire within this time, expired ones left out'
            cand --sort 'Order [default: as in users.json, the oldest first]'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand --ids 'Print the ids alone, one a line'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;show'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand -u 'Look only among the tokens of this user'
            cand --user 'Look only among the tokens of this user'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand --reveal 'Show the token itself as well'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;revoke'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand -u 'Only tokens of this user; of another user''s token, only the copy that stands under this one'
            cand --user 'Only tokens of this user; of another user''s token, only the copy that stands under this one'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand --expired 'Remove all expired tokens'
            cand --all 'Remove all tokens'
            cand --dry-run 'Say what would be removed, and remove nothing'
            cand -y 'Do not ask; --all insists on it'
            cand --yes 'Do not ask; --all insists on it'
            cand --ignore-missing 'Pass over names that match no token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;verify'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand --at 'Judge as Specter would at this time: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`, `+3days`'
            cand --for 'Refuse a token that does not live for at least so long from then on'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;init'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand --password-file 'Read the admin''s password from FILE (`-`: standard input) [default: asked for on a terminal, else made up and printed]'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'specter-token;completions'= {
            cand --data-folder 'Specter''s data folder, which holds users.json'
            cand --secret-file 'Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder''s secret_key'
            cand --color 'When to use colours'
            cand --json 'Print JSON; errors too, on standard error'
            cand -q 'Do not confirm what was done'
            cand --quiet 'Do not confirm what was done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
