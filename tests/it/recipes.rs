//! The shell code of README, run as it stands there: what it does, and that nothing is lost if it fails.
//!
//! Each block runs in a folder that stands for a whole machine. It holds `/etc` and the other folders that README
//! names, and a running Specter. Small programs in `tests/it/recipes` replace all that would change the real machine,
//! and check what they are given. A block without a check here fails the test, and so does a check without its block.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use regex::{Captures, Regex};
use rustix::process::{Pid, Signal, kill_process};

use crate::fake_server::{Answer, FakeServer};
use crate::support::{Command, Folder, Output, PROCESSES, SECRET, each, masked};

type Check = fn(&Block);

/// The block of each check: its heading, and its number under that.
const CHECKS: &[(&str, Check)] = &[
    ("Try it 1", first_commands),
    ("Install 1", install),
    ("Daily use 1", daily_use),
    ("Through a Specter that is running 1", through_a_server),
    ("Shell scripts 1", renewal),
    ("Shell scripts 2", list_of_what_is_refused),
    ("GitHub Actions 1", github),
    ("GitHub Actions 2", workflow),
    ("GitLab CI 1", gitlab),
    ("systemd 1", new_key),
    ("systemd 2", unit),
    ("systemd 3", restart_of_the_unit),
    ("systemd 4", token_by_a_credential),
    ("A cron clean-up 1", cron),
];

#[test]
fn every_block_of_readme_does_what_it_is_for() {
    let blocks = blocks(&readme());
    let names: Vec<&str> = blocks.iter().map(|block| &*block.name).collect();
    let checked: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, checked, "the blocks of README, and those that are checked here");
    thread::scope(|scope| {
        for (block, (name, check)) in blocks.iter().zip(CHECKS) {
            thread::Builder::new().name((*name).to_owned()).spawn_scoped(scope, || check(block)).unwrap();
        }
    });
}

/// A check is only as good as the blocks that it gets.
#[test]
fn blocks_are_found_whatever_stands_around_them() {
    let text =
        "# A\n```sh\na\n\nb\n```\n  ```bash\n  c\n  ```\n## B b\n~~~ini\n# no heading\n~~~\n`x`\n````\nd\n```\n````\n";
    let found: Vec<_> = blocks(text).into_iter().map(|block| (block.name, block.language, block.text)).collect();
    let expected = [
        ("A 1", "sh", "a\n\nb\n"),
        ("A 2", "bash", "c\n"),
        ("B b 1", "ini", "# no heading\n"),
        ("B b 2", "", "d\n```\n"),
    ];
    assert_eq!(found, expected.map(|(name, language, text)| (name.to_owned(), language.to_owned(), text.to_owned())));
}

fn first_commands(block: &Block) {
    assert_eq!(block.commands(), ["sh examples/try.sh", "cargo test --locked"]);
    assert!(repository("examples/try.sh").is_file());
}

fn install(block: &Block) {
    let machine = Machine::new();
    for folder in ["man", "completions"] {
        let to = machine.path("home/you").join(folder);
        fs::create_dir(&to).unwrap();
        for file in fs::read_dir(repository(folder)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    machine.run(block, "you").expect(0, "", "");
    let pages = fs::read_dir(repository("man")).unwrap().count();
    let installed = files_below(&machine.path("usr/local"));
    assert_eq!(installed.len(), 1 + pages + 2, "{installed:?}");
    let same = |file: &str, source: &str| {
        assert_eq!(fs::read(machine.path(file)).unwrap(), fs::read(repository(source)).unwrap());
        assert_eq!(mode(&machine.path(file)), 0o644, "{file}");
    };
    assert_eq!(fs::read_to_string(machine.path("usr/local/bin/specter-token")).unwrap(), "built\n");
    assert_eq!(mode(&machine.path("usr/local/bin/specter-token")), 0o755);
    same("usr/local/share/man/man1/specter-token-create.1", "man/specter-token-create.1");
    // Debian's shells look here.
    same("usr/local/share/bash-completion/completions/specter-token", "completions/specter-token.bash");
    same("usr/local/share/zsh/site-functions/_specter-token", "completions/_specter-token");
    same("etc/fish/completions/specter-token.fish", "completions/specter-token.fish");
}

fn daily_use(block: &Block) {
    let machine = Machine::new();
    machine.create("the old one", "1 day");
    machine.create_expired("long gone");
    let output = machine.run(block, "specter");
    assert_eq!(output.code, 0, "{output:#?}");
    let log = machine.log().join(", ").replace("specter: specter-token ", "");
    assert_eq!(
        log,
        "root: systemctl stop, create, create, revoke, revoke, root: systemctl start, specter: curl, \
         list, list, show, verify, verify"
    );
    assert_eq!(machine.descriptions(), ["grafana", "nightly backup"]);
    let home = machine.path("home/specter");
    each(["token.txt", "header.txt"], |file| {
        assert_eq!(mode(&home.join(file)), 0o600);
        assert!(machine.accepts(&home.join(file)), "{file}");
    });
    assert!(fs::read_to_string(home.join("header.txt")).unwrap().starts_with("Authorization: Bearer eyJ"));
}

const NONE: Answer = (404, r#"{"message": "Tokens does not exist"}"#);
const MADE: Answer = (
    201,
    r#"{"message": "Token generated", "jwt_token_id": "7ca9cc9e-8a0b-481f-9450-eec3ddac776d", "jwt_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiN2NhOWNjOWUtOGEwYi00ODFmLTk0NTAtZWVjM2RkYWM3NzZkIiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoicGhvbmUiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTc5NTQ3MTc5OX0.Xm-KSLJ19oO8ZS5vEQi0RznNm_yEQokR1FTmaJPvmnM", "jwt_token_description": "phone", "jwt_token_life": 7890048}"#,
);
const ONE: Answer = (
    200,
    r#"{"message": "Tokens exist", "jwt_tokens": {"adda7bc3-9aae-4877-920e-63ee892ee376": {"jwt_token_description": "the old one", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}}}"#,
);
const DELETED: Answer = (200, r#"{"message": "Token deleted"}"#);
const ABOUT: Answer = (200, "the version you're currently using: v2.1.11\n");
const SPECTER: Answer = (200, r#"{"data_folder": "/home/specter/.specter"}"#);

fn through_a_server(block: &Block) {
    let machine = Machine::new();
    let server = FakeServer::answering(&[NONE, MADE, ONE, DELETED, ABOUT, SPECTER]);
    let block = Block {
        name: block.name.clone(),
        language: block.language.clone(),
        text: block.text.replace("http://127.0.0.1:25441", &server.url()),
    };
    write_private(&machine.path("home/you/password"), "password\n");
    let output = machine.run(&block, "you");
    assert_eq!(output.code, 0, "{output:#?}");
    let asked = server.asked().join("\n").replace("/api/v1alpha/", "");
    assert_eq!(
        masked(&asked.replace("[Basic YWRtaW46cGFzc3dvcmQ=]", "as admin")),
        "GET token/ as admin \n\
         POST token/ as admin {\"jwt_token_description\":\"phone\",\"jwt_token_life\":\"7890048 seconds\"}\n\
         GET token/ as admin \n\
         DELETE token/<ID>/ as admin \n\
         GET /api/ [] \n\
         GET specter [Bearer <TOKEN>] "
    );
    assert_eq!(mode(&machine.path("home/you/phone.txt")), 0o600);
}

/// A script that root runs daily, and that replaces a token with little time left.
fn renewal(block: &Block) {
    let verify = "specter: specter-token verify";
    let create = ["root: systemctl stop", "specter: specter-token create", "root: systemctl start"];
    let renew = [&[verify][..], &create].concat();
    let machine = Machine::new();
    let token = machine.path("root/specter-token.txt");
    let run = |code: u8, log: &[&str]| {
        let output = machine.run_by_cron(block);
        assert_eq!((output.code, &*output.stdout), (code, ""), "{output:#?}");
        assert_eq!(machine.log(), log);
        output.stderr
    };
    assert_eq!(run(0, &create), "");
    assert_eq!(mode(&token), 0o600);
    assert!(machine.accepts(&token));
    let first = fs::read_to_string(&token).unwrap();
    // The second run finds everything in order.
    assert_eq!(run(0, &[verify]), "");
    assert_eq!(fs::read_to_string(&token).unwrap(), first);

    let soon = machine.create("backup", "6 days");
    fs::write(&token, &soon).unwrap();
    machine.failures(|failure, code| {
        // A wrong key tells nothing about the token.
        let (code, log) = if failure == "a wrong key" { (12, &renew[..1]) } else { (code, &renew[..]) };
        run(code, log);
        assert_eq!(fs::read_to_string(&token).unwrap(), soon, "{failure}");
        assert_eq!(files_below(&machine.path("root")), ["specter-token.txt"], "{failure}");
    });
    assert!(machine.accepts(&token));
    run(0, &renew);
    assert!(machine.accepts(&token));
    assert_eq!(machine.descriptions(), ["backup"]);

    machine.revoke("backup");
    run(0, &renew);
    assert!(machine.accepts(&token));
    fs::write(&token, "").unwrap();
    run(0, &create);
    assert!(machine.accepts(&token));
    assert_eq!(mode(&token), 0o600);

    fs::write(&token, "something else\n").unwrap();
    let said = run(13, &[verify]);
    assert!(said.ends_with("refused (malformed): it is not a JWT\n"), "{said}");
    assert_eq!(fs::read_to_string(&token).unwrap(), "something else\n");

    // The very first run.
    let machine = Machine::new();
    machine.create("another", "1 day");
    machine.failures(|failure, code| {
        assert_eq!(machine.run_by_cron(block).code, code, "{failure}");
        assert_eq!(machine.log(), create, "{failure}");
        assert!(files_below(&machine.path("root")).is_empty(), "{failure}");
    });
}

fn list_of_what_is_refused(block: &Block) {
    let machine = Machine::new();
    machine.create("fine", "1 day");
    let run = |code: u8, stdout: &str| {
        let output = machine.run(block, "you");
        assert_eq!((output.code, &*output.stdout), (code, stdout), "{output:#?}");
    };
    run(0, "[]\n");
    let users = machine.data.users_text();
    let entry = r#""x": {"jwt_token": "no token", "jwt_token_description": "broken", "jwt_token_life": 1}, "#;
    fs::write(machine.data.users(), users.replacen(TOKENS, &[TOKENS, entry].concat(), 1)).unwrap();
    run(0, "[\n  {\n    \"jwt_token_description\": \"broken\",\n    \"reason\": \"malformed\"\n  }\n]\n");
    // A failure is not the same as finding nothing.
    fs::write(machine.data.users(), "damaged").unwrap();
    run(5, "");
}

fn github(block: &Block) {
    let set = ["you: gh secret set"];
    ci_variable(block, "gh", "github", [&set, &set]);
}

fn gitlab(block: &Block) {
    let update = "you: glab variable update";
    ci_variable(block, "glab", "gitlab", [&[update, "you: glab variable set"], &[update]]);
}

/// A script that makes a token and stores it at a CI service. `asked` holds its requests: at the first run, and later.
fn ci_variable(block: &Block, service: &str, description: &str, asked: [&[&str]; 2]) {
    let create = ["root: systemctl stop", "specter: specter-token create", "root: systemctl start"];
    let machine = Machine::new();
    let held = machine.path("held").join(service);
    let run = |asked: &[&str]| {
        let output = machine.run(block, "you");
        assert_eq!((output.code, &*output.stdout), (0, ""), "{output:#?}");
        assert_eq!(machine.log(), [&create, asked, &create[2..]].concat());
        assert!(machine.accepts(&held));
        fs::read_to_string(&held).unwrap()
    };
    let first = run(asked[0]);
    let second = run(asked[1]);
    assert_ne!(first, second);
    // A job that began with the first token can end with it.
    let old = machine.path("old");
    fs::write(&old, first).unwrap();
    assert!(machine.accepts(&old));

    let fails = |failure: &str, code: u8| {
        assert_eq!(machine.run(block, "you").code, code, "{failure}");
        assert_eq!(machine.log(), create, "{failure}");
        assert_eq!(fs::read_to_string(&held).unwrap(), second, "{failure}");
        assert!(machine.accepts(&held), "{failure}");
    };
    machine.failures(fails);
    // The clock shows the time of the first run once more.
    let second_now = fs::read(machine.path("second")).unwrap();
    fs::write(machine.path("second"), "0").unwrap();
    assert_eq!(machine.descriptions()[0], format!("{description} 2026-01-01 00:00:1"));
    fails("a description that is taken", 4);
    fs::write(machine.path("second"), second_now).unwrap();

    // An unreachable service keeps its token, which Specter goes on accepting.
    fs::write(machine.path("offline"), "").unwrap();
    assert_eq!(machine.run(block, "you").code, 1);
    assert_eq!(machine.log(), [&create, asked[0], &create[2..]].concat());
    assert_eq!(fs::read_to_string(&held).unwrap(), second);
    assert!(machine.accepts(&held));
}

fn workflow(block: &Block) {
    let machine = Machine::new();
    let token = machine.create("github", "1 day");
    // The step's command, as GitHub runs it.
    let command = block.text.lines().find_map(|line| line.trim_start().strip_prefix("run: ")).unwrap();
    let run = |token: &str| {
        let mut shell = machine.shell("bash", "you", "bin").env("SPECTER_TOKEN", token);
        shell.command.args(["-e", "-c", command]);
        machine.end_of(shell)
    };
    run(token.trim_end()).expect(0, "{\"data_folder\": \"/home/specter/.specter\"}\n", "");
    assert_eq!(run("").code, 22);
}

/// An existing key must stay: every token would die with it.
fn new_key(block: &Block) {
    let machine = Machine::new();
    let key = machine.path("etc/specter/secret_key");
    machine.run(block, "you").expect(0, "", "");
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(key.parent().unwrap()), 0o700);
    let text = fs::read_to_string(&key).unwrap();
    assert_eq!(text.len(), 45, "33 bytes in base64 and a newline: {text}");
    assert_ne!(machine.run(block, "you").code, 0);
    assert_eq!(fs::read_to_string(&key).unwrap(), text);
}

/// The command that the unit starts gets the key in its environment, and nowhere else.
fn unit(block: &Block) {
    let machine = Machine::new();
    let text = machine.text_of(block);
    let settings: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let of = |name: &str| settings.iter().filter(|(it, _)| *it == name).map(|(_, value)| *value).collect::<Vec<_>>();
    assert_eq!(of("Environment"), ["SPECTER_API_ACTIVE=True", "SKIP_HWI_INITIALISATION_AT_STARTUP=True"]);
    let key = machine.path("etc/specter/secret_key");
    fs::create_dir(key.parent().unwrap()).unwrap();
    write_private(&key, "the key of the unit\n");
    assert_eq!(of("LoadCredential"), [format!("SECRET_KEY:{}", key.display())]);
    let credentials = Folder::empty();
    fs::copy(&key, credentials.file("SECRET_KEY")).unwrap();
    // The first one clears the service's own.
    let commands = of("ExecStart");
    assert_eq!((commands.len(), commands[0]), (2, ""));
    let mut shell = machine.shell("sh", "specter", "bin").env("CREDENTIALS_DIRECTORY", credentials.path());
    shell.command.args(["-euc", commands[1]]);
    machine.end_of(shell).expect(0, "", "");
    assert_eq!(machine.log(), ["specter: python3 -m cryptoadvance.specter server --config ProductionConfig"]);
}

fn restart_of_the_unit(block: &Block) {
    let machine = Machine::new();
    machine.run(block, "you").expect(0, "", "");
    assert_eq!(machine.log(), ["root: systemctl daemon-reload", "root: systemctl restart"]);
}

fn token_by_a_credential(block: &Block) {
    let log = ["root: systemctl stop", "root: systemd-run", "specter: specter-token create", "root: systemctl start"];
    let mut machine = Machine::new();
    symlink(machine.path("bin/specter-token"), machine.path("usr/local/bin/specter-token")).unwrap();
    let elsewhere = machine.path("etc/specter/secret_key");
    fs::create_dir(elsewhere.parent().unwrap()).unwrap();
    fs::rename(&machine.key, &elsewhere).unwrap();
    machine.key = elsewhere;
    let token = machine.path("root/specter-token.txt");
    let mut last = String::new();
    for _ in 0..2 {
        let output = machine.run_by_cron(block);
        assert_eq!((output.code, &*output.stdout), (0, ""), "{output:#?}");
        assert_eq!(machine.log(), log);
        assert_eq!(mode(&token), 0o600);
        assert!(machine.accepts(&token));
        assert_eq!(machine.descriptions(), ["backup"]);
        let text = fs::read_to_string(&token).unwrap();
        assert_ne!(text, last);
        last = text;
    }
    machine.failures(|failure, code| {
        assert_eq!(machine.run_by_cron(block).code, code, "{failure}");
        assert_eq!(machine.log(), log, "{failure}");
        assert_eq!(fs::read_to_string(&token).unwrap(), last, "{failure}");
        assert_eq!(files_below(&machine.path("root")), ["specter-token.txt"], "{failure}");
    });
    assert!(machine.accepts(&token));
}

fn cron(block: &Block) {
    let log = ["root: systemctl stop", "specter: specter-token revoke", "root: systemctl start"];
    let machine = Machine::new();
    machine.create("alive", "1 day");
    machine.create_expired("long gone");
    let other = machine.another_specter();
    let refused = machine.run_by_cron(block);
    assert!(refused.stderr.starts_with("error: could not change "), "{refused:#?}");
    assert_eq!(machine.descriptions(), ["alive", "long gone"]);
    drop(other);
    assert_eq!(machine.log(), log);
    // There is nothing to remove the second time.
    for _ in 0..2 {
        let output = machine.run_by_cron(block);
        assert_eq!((output.code, &*output.stdout), (0, ""), "{output:#?}");
        assert_eq!(machine.log(), log);
        assert_eq!(machine.descriptions(), ["alive"]);
    }
}

/// A fenced block of README.
struct Block {
    name: String,
    language: String,
    text: String,
}

impl Block {
    /// Its lines without comments.
    fn commands(&self) -> Vec<&str> {
        let code = |line| str::split(line, " #").next().unwrap_or_default().trim();
        self.text.lines().map(code).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    }
}

fn readme() -> String {
    fs::read_to_string(repository("README.md")).unwrap()
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The blocks of a Markdown text, which are numbered under each heading.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut heading, mut number) = ("", 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        if let Some(title) = line.strip_prefix('#') {
            (heading, number) = (title.trim_start_matches('#').trim(), 0);
        } else if let Some(mark) =
            rest.chars().next().filter(|mark| "`~".contains(*mark) && rest.starts_with(&mark.to_string().repeat(3)))
        {
            let language = rest.trim_start_matches(mark);
            let fence = &rest[..rest.len() - language.len()];
            let inside = lines.by_ref().take_while(|line| line.trim() != fence);
            let text = inside.map(|line| line.strip_prefix(indent).unwrap_or(line).to_owned() + "\n").collect();
            number += 1;
            blocks.push(Block { name: format!("{heading} {number}"), language: language.to_owned(), text });
        }
    }
    blocks
}

const TOKENS: &str = "\"jwt_tokens\": {";

/// A folder that stands for a machine on which Specter runs as the service and the user `specter`.
struct Machine {
    root: Folder,
    /// Specter's data folder. A link at README's path leads to it.
    data: Folder,
    key: PathBuf,
}

/// Another Specter, which is no service. It ends when dropped.
struct Other<'a>(&'a Machine);

impl Machine {
    fn new() -> Self {
        let users = r#"[{"id": "admin", "username": "admin", "password": 1, "is_admin": true, "jwt_tokens": {}}]"#;
        let (root, data) = (Folder::empty(), Folder::with_users(users));
        let folders = "bin cron etc held home/specter home/you pids process root tmp usr/local/bin";
        for folder in folders.split(' ') {
            fs::create_dir_all(root.file(folder)).unwrap();
        }
        symlink(data.path(), root.file("home/specter/.specter")).unwrap();
        fs::write(data.file("config.json"), "{}").unwrap();
        fs::write(root.file("process/server"), "mkfifo line; read line < line\n").unwrap();
        fs::write(root.file("second"), "0").unwrap();
        let key = data.file("secret_key");
        write_private(&key, &format!("{SECRET}\n"));
        for program in fs::read_dir(repository("tests/it/recipes")).unwrap() {
            let program = program.unwrap();
            // The real jq is better.
            if program.file_name() == "jq" && is_installed("jq") {
                continue;
            }
            // These are links: running a file just written fails while another thread starts a process.
            symlink(program.path(), root.file("bin").join(program.file_name())).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_specter-token"), root.file("real")).unwrap();
        // Cron does not look into /usr/local/bin.
        for program in ["sudo", "systemctl", "systemd-run"] {
            symlink(root.file("bin").join(program), root.file("cron").join(program)).unwrap();
        }
        let machine = Machine { root, data, key };
        machine.restart();
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.file(path)
    }

    /// Runs a block, which must leave Specter running and nothing in the folder for temporary files.
    fn run(&self, block: &Block, user: &str) -> Output {
        self.end_of(self.script(block, user, "bin"))
    }

    /// Runs a block as root, with the search path that cron has.
    fn run_by_cron(&self, block: &Block) -> Output {
        if block.language != "crontab" {
            return self.end_of(self.script(block, "root", "cron"));
        }
        let text = self.text_of(block);
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let line = lines.next().unwrap();
        assert_eq!(lines.next(), None);
        let fields = Regex::new(r"^([0-9*]+ +){5}root +(?<command>[^%]+)$").unwrap().captures(line).unwrap();
        let mut shell = self.shell("sh", "root", "cron");
        shell.command.args(["-c", &fields["command"]]);
        self.end_of(shell)
    }

    fn script(&self, block: &Block, user: &str, programs: &str) -> Command {
        let script = self.path("script");
        fs::write(&script, self.text_of(block)).unwrap();
        let interpreter = block.text.lines().next().and_then(|line| line.strip_prefix("#!"));
        let (program, options) = match (&*block.language, interpreter) {
            // A script has to stop by itself if something fails.
            ("bash", Some("/bin/bash")) => ("bash", &[][..]),
            ("bash", None) => ("bash", &["-euo", "pipefail"][..]),
            ("sh", None) => ("sh", &["-eu"][..]),
            shell => panic!("{}: {shell:?} is no shell that is known here", block.name),
        };
        let mut shell = self.shell(program, user, programs);
        shell.command.args(options).arg(script);
        shell
    }

    /// A shell of a user who finds our programs first.
    fn shell(&self, program: &str, user: &str, programs: &str) -> Command {
        let home = self.path(if user == "root" { "" } else { "home" }).join(user);
        let path = format!("{}:{}", self.path(programs).display(), std::env::var("PATH").unwrap());
        let mut shell = self.root.program(program).without("SPECTER_DATA_FOLDER").without("SECRET_KEY");
        shell.command.current_dir(&home);
        shell
            .env("PATH", path)
            .env("HOME", home)
            .env("TMPDIR", self.path("tmp"))
            .env("RECIPE_ROOT", self.root.path())
            .env("RECIPE_USER", user)
    }

    fn end_of(&self, shell: Command) -> Output {
        let output = shell.run();
        let faults = fs::read_to_string(self.path("faults")).unwrap_or_default();
        assert_eq!(faults, "", "{output:#?}");
        assert!(self.path("pids/specter").exists(), "Specter was not started again: {output:#?}");
        assert!(files_below(&self.path("tmp")).is_empty(), "{output:#?}");
        output
    }

    /// The text of a block, with its folders replaced by those here.
    fn text_of(&self, block: &Block) -> String {
        static PATHS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?m)(^|[\s"'=:<>(!])/(\w[\w.-]*)"#).unwrap());
        let text = PATHS.replace_all(&block.text, |path: &Captures<'_>| match &path[2] {
            "etc" | "home" | "root" | "usr" => format!("{}{}/{}", &path[1], self.root.path().display(), &path[2]),
            // Nothing is written to the real ones.
            "bin" | "dev" => path[0].to_owned(),
            _ => panic!("{}: {:?} would be the real one of this machine", block.name, &path[0]),
        });
        text.into_owned()
    }

    /// Makes a token that Specter accepts, in place of one of this description.
    fn create(&self, description: &str, life: &str) -> String {
        let token = self.data.create(description, &["-l", life, "--replace", "--even-if-running"]);
        self.restart();
        token
    }

    fn create_expired(&self, description: &str) {
        let an_hour_ago = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() - 3600.0;
        let arguments = ["create", "-d", description, "-l", "1min", "--even-if-running"];
        assert_eq!(self.data.run_at(an_hour_ago, SECRET, &arguments).code, 0);
        self.restart();
    }

    fn revoke(&self, description: &str) {
        assert_eq!(self.data.command(["revoke", "--even-if-running", description]).run().code, 0);
        self.restart();
    }

    /// The descriptions of all tokens, in order.
    fn descriptions(&self) -> Vec<String> {
        let list = self.data.command(["list", "--json"]).run().json();
        let tokens = list["tokens"].as_array().unwrap().iter();
        let mut descriptions: Vec<_> =
            tokens.map(|token| token["jwt_token_description"].as_str().unwrap().to_owned()).collect();
        descriptions.sort();
        descriptions
    }

    /// Restarts Specter, so that it knows what was changed, and waits until it answers.
    fn restart(&self) {
        fs::write(self.path("accepted"), "").unwrap();
        let mut shell = self.shell("systemctl", "root", "bin");
        shell.command.args(["restart", "specter"]);
        self.end_of(shell).expect(0, "", "");
        fs::remove_file(self.path("starting")).unwrap();
        self.log();
    }

    /// Whether the running Specter accepts the token in a file.
    fn accepts(&self, file: &Path) -> bool {
        let text = fs::read_to_string(file).unwrap();
        let token = text.trim_end().trim_start_matches("Authorization: Bearer ");
        let is_known = !token.is_empty() && fs::read_to_string(self.path("accepted")).unwrap().contains(token);
        is_known && self.data.command(["verify"]).stdin(&text).run().code == 0
    }

    /// The programs run since the last call.
    fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        log.lines().map(str::to_owned).collect()
    }

    /// Calls `check` with the name and the exit code of each way in which `create` can fail, while it would fail so.
    fn failures(&self, mut check: impl FnMut(&str, u8)) {
        let dies = self.path("dies");
        fs::write(&dies, "").unwrap();
        check("an end in the middle", 1);
        fs::remove_file(dies).unwrap();

        let other = self.another_specter();
        check("another Specter", 5);
        drop(other);

        let key = fs::read(&self.key).unwrap();
        fs::write(&self.key, "another key, which signed no token here\n").unwrap();
        check("a wrong key", 1);
        fs::write(&self.key, key).unwrap();
    }

    fn another_specter(&self) -> Other<'_> {
        let mut shell = self.shell("specter", "root", "bin");
        shell.command.arg("other");
        self.end_of(shell).expect(0, "", "");
        Other(self)
    }

    /// Ends a process by the name of the file with its number.
    fn end(&self, name: &str) {
        let file = self.path("pids").join(name);
        let Ok(number) = fs::read_to_string(&file) else { return };
        let process = Pid::from_raw(number.trim().parse().unwrap()).unwrap();
        kill_process(process, Signal::KILL).unwrap();
        let command_line = format!("/proc/{}/cmdline", number.trim());
        while fs::read(&command_line).is_ok_and(|words| !words.is_empty()) {
            thread::yield_now();
        }
        fs::remove_file(file).unwrap();
        fs::remove_file(PROCESSES.join(number.trim())).unwrap();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.end("specter");
    }
}

impl Drop for Other<'_> {
    fn drop(&mut self) {
        self.0.end("other");
    }
}

fn write_private(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The files in a folder and in those below it, in order.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            files.push(name);
        }
    }
    files.sort();
    files
}

fn is_installed(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file())
}
