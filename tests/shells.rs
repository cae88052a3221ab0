//! The completion scripts, loaded in the real bash, zsh and fish. `cargo test --test shells` runs this; the shells must be
//! installed.

#![deny(unused_must_use)] // a run whose result is not looked at tests nothing
#![allow(clippy::unwrap_used)] // a test panics if something is wrong

use std::path::Path;
use std::process::Command;

/// A typed line, and the words that must be offered for its last word.
const CASES: [(&str, &[&str]); 7] = [
    ("specter-token rev", &["revoke"]),
    ("specter-token create --pri", &["--print"]),
    ("specter-token list --status ", &["valid", "expired", "rejected", "unchecked"]),
    ("specter-token verify --a", &["--at"]),
    ("specter-token completions f", &["fish"]),
    ("specter-token revoke a --dry", &["--dry-run"]),
    ("specter-token verify x --fo", &["--for"]),
];

/// Runs a script with these arguments in a shell, and returns the output. `SCRIPTS` is the folder `completions`.
fn output(shell: &mut Command, script: &str, typed: &str, expected: &[&str]) -> String {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    // An empty folder has no file whose name could look like an answer.
    let empty = tempfile::tempdir().unwrap();
    let shell = shell.current_dir(&empty).env("SCRIPTS", scripts).env("TERM", "xterm");
    let output = shell.args(["-c", script, "shell", typed]).args(expected).output();
    let output = output.unwrap_or_else(|error| panic!("{shell:?} must be installed: {error}"));
    assert!(output.stderr.is_empty(), "{typed:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn check(offered: impl Fn(&str, &[&str]) -> String) {
    for (typed, expected) in CASES {
        let offered = offered(typed, expected);
        for word in expected {
            assert!(offered.contains(word), "{typed:?}: {word:?} is not in {offered:?}");
        }
        assert!(!offered.contains("powershell"), "{typed:?}: what does not fit is not offered: {offered:?}");
    }
}

#[test]
fn bash_completes() {
    let script = r#"
        source "$SCRIPTS/specter-token.bash"
        read -ra COMP_WORDS <<< "$1"
        [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
        function=$(complete -p specter-token | sed 's/.* -F \([^ ]*\) .*/\1/')
        "$function" specter-token "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    check(|typed, expected| output(Command::new("bash").arg("--norc"), script, typed, expected));
}

#[test]
fn fish_completes() {
    let script = "source $SCRIPTS/specter-token.fish; complete -C $argv[2]";
    check(|typed, expected| output(Command::new("fish").arg("--no-config"), script, typed, expected));
}

/// zsh completes only on a terminal, so it gets one, and the test types the keys. It waits 20 seconds for what never comes.
#[test]
fn zsh_completes() {
    let script = r#"
        zmodload zsh/zpty
        zpty shell zsh -f -i
        expect() { zpty -r -m shell screen "*$1*" }
        zpty -w shell 'autoload -U compinit && compinit -u -D && source $SCRIPTS/_specter-token; PS1="re""ady> "'
        expect 'ready> '
        zpty -w -n shell "$1"$'\t'
        for word in "${@[2,-1]}"; do
            [[ $offered == *$word* ]] || { expect $word; offered+=$screen }
        done
        zpty -w -n shell $'\C-u'
        zpty -w shell 'echo fini""shed'
        expect finished
        print -r -- "$offered$screen"
    "#;
    check(|typed, expected| output(Command::new("timeout").args(["20", "zsh", "-f"]), script, typed, expected));
}
