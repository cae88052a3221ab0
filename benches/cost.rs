//! Compares the cost of the commands with what people would run instead: the floor set by the operating system, a
//! Python script that does what Specter does, jq, and jwt-cli. All run in turns, as whole processes, on files that are
//! made here.
//!
//! `cargo bench --bench cost` prints the table of README; `cargo bench --bench cost -- quick` leaves the large files
//! out. Needs Linux, Python 3 with venv, jq and valgrind; PyJWT and jwt-cli are installed below `target/tmp`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a benchmark panics if something is wrong

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const KEY: &str = "a-key-for-benchmarks-0123456789abcdef";

/// A program with its arguments, run in one folder.
#[derive(Clone)]
struct Program {
    name: &'static str,
    words: Vec<String>,
    folder: PathBuf,
    stdin: Option<PathBuf>,
    has_key: bool,
}

impl Program {
    fn new(name: &'static str, folder: &Path, words: &[&str]) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Program { name, words, folder: folder.to_owned(), stdin: None, has_key: true }
    }

    fn without_key(mut self) -> Self {
        self.has_key = false;
        self
    }

    fn reading(mut self, file: &Path) -> Self {
        self.stdin = Some(file.to_owned());
        self
    }

    /// `RUN` in a word becomes the number of the run, so that no description comes twice.
    fn command(&self, run: usize) -> Command {
        let mut words = self.words.iter().map(|word| word.replace("RUN", &run.to_string()));
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        self.surround(&mut command);
        command
    }

    /// The command of another program that watches this one.
    fn under(&self, mut watcher: Command, run: usize) -> Command {
        let command = self.command(run);
        watcher.arg(command.get_program()).args(command.get_args());
        self.surround(&mut watcher);
        watcher
    }

    /// Gives a command the folder, the key and the streams of this program.
    fn surround(&self, command: &mut Command) {
        command.current_dir(&self.folder).env("SPECTER_DATA_FOLDER", &self.folder);
        if self.has_key {
            command.env("SECRET_KEY", KEY)
        } else {
            command.env_remove("SECRET_KEY")
        };
        let stdin = self.stdin.as_ref().map_or_else(Stdio::null, |file| File::open(file).unwrap().into());
        // `create` prints its token to nobody but a reader. A pipe holds it without one.
        let stdout =
            if self.words.get(1).is_some_and(|word| word == "create") { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(stdout).stderr(Stdio::null());
    }

    /// Milliseconds of one run.
    fn time(&self, run: usize) -> f64 {
        let mut command = self.command(run);
        let start = Instant::now();
        let status = command.status();
        let time = start.elapsed();
        let is_done = status.as_ref().is_ok_and(std::process::ExitStatus::success);
        assert!(is_done, "{}: {status:?}: {:?} in {}", self.name, self.words, self.folder.display());
        time.as_secs_f64() * 1000.0
    }

    /// The number of instructions, counted by valgrind.
    fn instructions(&self, run: usize) -> Option<u64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        let output = self.under(valgrind, run).stderr(Stdio::piped()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = text.lines().find(|line| line.contains("Collected : "))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// The peak memory in MiB. Less than Python itself takes cannot be measured.
    fn memory(&self, run: usize) -> f64 {
        const WAIT: &str = "import os, sys\n\
            pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)\n\
            _, status, usage = os.wait4(pid, 0)\n\
            assert status == 0\n\
            open(sys.argv[1], 'w').write(str(usage.ru_maxrss))";
        let report = self.folder.join("memory");
        let mut python = Command::new("python3");
        python.args(["-c", WAIT]).arg(&report);
        assert!(self.under(python, run).status().unwrap().success());
        fs::read_to_string(report).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

/// Medians in milliseconds of programs that run in turns. A program that writes first runs once untimed, and then waits
/// until everything is on the disk. Otherwise, on a virtual machine whose memory the host takes back while others run
/// for seconds, the first program to need it again would pay for all.
fn medians(programs: &[Program], runs: usize, writes: bool) -> Vec<f64> {
    let mut times = vec![Vec::new(); programs.len()];
    for run in 0..=runs {
        for turn in 0..programs.len() {
            // The order changes, so that no program always runs after the same other one.
            let index = (turn + run) % programs.len();
            if writes {
                programs[index].time(run + 1_000_000);
                assert!(Command::new("sync").status().unwrap().success());
            }
            let time = programs[index].time(run);
            // The first run warms up.
            if run > 0 {
                times[index].push(time);
            }
        }
    }
    times.into_iter().map(median).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A limit that should hold: the first program takes at most `most` times what another takes.
struct Bound {
    beside: &'static str,
    most: f64,
}

/// Prints the time and memory of programs, of which the first is ours, and whether the bounds hold.
fn report(title: &str, programs: &[Program], times: &[f64], bounds: &[Bound], counts_instructions: bool) {
    println!("\n{title}");
    for (program, time) in programs.iter().zip(times) {
        let mut line = format!("  {:<42} {time:>10.2} ms {:>7.1} MiB", program.name, program.memory(998));
        if !std::ptr::eq(time, &raw const times[0]) {
            let _ = write!(line, "   ours is {:.3} of it", times[0] / time);
        } else if counts_instructions {
            let instructions = program.instructions(999).map_or("no valgrind".to_owned(), |count| count.to_string());
            let _ = write!(line, "   {instructions} instructions");
        }
        for bound in bounds.iter().filter(|bound| bound.beside == program.name) {
            let holds = if times[0] / time <= bound.most { "reached" } else { "MISSED" };
            let _ = write!(line, " (at most {:.3}: {holds})", bound.most);
        }
        println!("{line}");
    }
}

fn report_memory(program: &Program, size: f64, most: f64) -> f64 {
    let memory = program.memory(997);
    let ratio = memory / size;
    let holds = if ratio <= most { "reached" } else { "MISSED" };
    println!("  {:<42} {memory:>10.1} MiB = {ratio:.2} of the file (at most {most}: {holds})", "memory");
    memory
}

/// A generator that always gives the same numbers (Steele and others, SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0x3FFF | 0x8000,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

fn signed(payload: &str) -> String {
    let token = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}", URL_SAFE_NO_PAD.encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap().chain_update(&token);
    format!("{token}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Makes a data folder as Specter writes it, with this many tokens spread over this many users. Returns the tokens.
fn make(folder: &Path, tokens: usize, users: usize) -> Vec<String> {
    let mut seeded = Seeded(tokens as u64);
    let mut text = String::from("[");
    let mut all = Vec::with_capacity(tokens);
    for user in 0..users {
        let name = if user == 0 { "admin".to_owned() } else { format!("user{user}") };
        let comma = if user == 0 { "" } else { "," };
        let is_admin = user == 0;
        let _ = write!(
            text,
            "{comma}\n    {{\n        \"id\": \"{name}\",\n        \"username\": \"{name}\",\n        \"password\": {{\n            \
             \"salt\": \"c2FsdA==\",\n            \"pwdhash\": \"aGFzaA==\"\n        }},\n        \"is_admin\": {is_admin},\n        \
             \"jwt_tokens\": {{"
        );
        for number in (user..tokens).step_by(users) {
            let id = seeded.uuid();
            let description = format!("token number {number}");
            let token = signed(&format!(
                "{{\"username\":\"{name}\",\"jwt_token_id\":\"{id}\",\"jwt_token_description\":\"{description}\",\
                 \"exp\":4102444800,\"iat\":1700000000}}"
            ));
            let comma = if number == user { "" } else { "," };
            let _ = write!(
                text,
                "{comma}\n            \"{id}\": {{\n                \"jwt_token\": \"{token}\",\n                \
                 \"jwt_token_description\": \"{description}\",\n                \"jwt_token_life\": 2402444800\n            }}"
            );
            all.push(token);
        }
        text.push_str("\n        },\n        \"encrypted_user_secret\": null,\n        \"services\": []");
        text.push_str(if is_admin { "\n    }" } else { ",\n        \"config\": {}\n    }" });
    }
    text.push_str("\n]");
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("users.json"), text).unwrap();
    all
}

/// Makes copies of a folder, so that writers do not meet.
fn copies(folder: &Path, names: &[&str]) -> Vec<PathBuf> {
    let copy = |name: &&str| {
        let copy = folder.with_extension(name);
        fs::create_dir_all(&copy).unwrap();
        fs::copy(folder.join("users.json"), copy.join("users.json")).unwrap();
        copy
    };
    names.iter().map(copy).collect()
}

/// The same steps as Specter: read all, sign, rename the old file to .bkp, write all.
const PYTHON_CREATE: &str = "import json, jwt, os, sys, time, uuid\n\
    users = json.load(open('users.json'))\n\
    now, id = int(time.time()), str(uuid.uuid4())\n\
    claims = {'username': 'admin', 'jwt_token_id': id, 'jwt_token_description': sys.argv[1], 'exp': now + 3600, 'iat': now}\n\
    token = jwt.encode(claims, os.environ['SECRET_KEY'], algorithm='HS256')\n\
    assert all(entry['jwt_token_description'] != sys.argv[1] for entry in users[0]['jwt_tokens'].values())\n\
    users[0]['jwt_tokens'][id] = {'jwt_token': token, 'jwt_token_description': sys.argv[1], 'jwt_token_life': 3600}\n\
    os.rename('users.json', 'users.json.bkp')\n\
    json.dump(users, open('users.json', 'w'), indent=4)\n\
    print(token)";

/// A list as JSON. Signatures are checked if there is a key.
const PYTHON_LIST: &str = "import json, jwt, os\n\
    key = os.environ.get('SECRET_KEY')\n\
    tokens = []\n\
    for user in json.load(open('users.json')):\n    \
        for id, entry in user['jwt_tokens'].items():\n        \
            options = {'verify_signature': key is not None}\n        \
            claims = jwt.decode(entry['jwt_token'], key or '', algorithms=['HS256'], options=options)\n        \
            tokens.append({'jwt_token_id': id, 'description': entry['jwt_token_description'], 'exp': claims['exp']})\n\
    print(json.dumps(tokens))";

/// The same list as far as jq can make it: jq does not look into tokens.
const JQ_LIST: &str = "[.[].jwt_tokens | to_entries[] | {id: .key, description: .value.jwt_token_description}]";

/// One token, found by its description.
const PYTHON_SHOW: &str = "import json, jwt, sys\n\
    for user in json.load(open('users.json')):\n    \
        for id, entry in user['jwt_tokens'].items():\n        \
            if entry['jwt_token_description'] == sys.argv[1]:\n            \
                print(id, jwt.decode(entry['jwt_token'], options={'verify_signature': False}))";

/// Checks every token of standard input as Specter does.
const PYTHON_VERIFY: &str = "import json, jwt, os, sys\n\
    users = {user['username']: user for user in json.load(open('users.json'))}\n\
    for line in sys.stdin:\n    \
        token = line.rstrip('\\n')\n    \
        claims = jwt.decode(token, os.environ['SECRET_KEY'], algorithms=['HS256'])\n    \
        entry = users[claims['username']]['jwt_tokens'].get(claims['jwt_token_id'])\n    \
        print('accepted' if entry and entry['jwt_token'] == token else 'refused')";

struct Tools {
    ours: String,
    python: String,
    empty: String,
    jwt_cli: String,
}

impl Tools {
    fn find(folder: &Path) -> Self {
        for tool in ["jq", "valgrind", "python3"] {
            let is_there = Command::new(tool).arg("--version").output().is_ok();
            assert!(is_there, "{tool} is needed; on Debian: apt-get install jq valgrind python3-venv");
        }
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let environment = folder.join("pyjwt");
        let python = environment.join("bin/python");
        let has_pyjwt = Command::new(&python).args(["-c", "import jwt"]).stderr(Stdio::null()).status();
        if !has_pyjwt.is_ok_and(|status| status.success()) {
            must(Command::new("python3").args(["-m", "venv"]).arg(&environment));
            must(Command::new(&python).args(["-m", "pip", "install", "--quiet", "pyjwt"]));
        }
        let empty = folder.join("empty");
        if !empty.exists() {
            let source = folder.join("empty.rs");
            fs::write(&source, "fn main() {}").unwrap();
            let options = ["-Copt-level=3", "-Clto=fat", "-Ccodegen-units=1", "-Cpanic=abort", "-Cstrip=symbols"];
            must(Command::new("rustc").args(options).arg(&source).arg("-o").arg(&empty));
        }
        let jwt_cli = folder.join("jwt-cli/bin/jwt");
        if !jwt_cli.exists() {
            let root = folder.join("jwt-cli");
            must(Command::new("cargo").args(["install", "--quiet", "--locked", "jwt-cli", "--root"]).arg(root));
        }
        // Programs are copied, as `install` does: a linker writes page by page.
        let [ours, empty] = [PathBuf::from(env!("CARGO_BIN_EXE_specter-token")), empty].map(|program| {
            let copy = folder.join(program.file_name().unwrap()).with_extension("installed");
            fs::copy(program, &copy).unwrap();
            text(copy)
        });
        Tools { ours, python: text(python), empty, jwt_cli: text(jwt_cli) }
    }
}

fn must(command: &mut Command) {
    assert!(command.status().is_ok_and(|status| status.success()), "{command:?}");
}

fn start_up(tools: &Tools, folder: &Path) {
    let nothing = |name, words: &[&str]| Program::new(name, folder, words);
    let programs = [
        nothing("list, 10 tokens, no key", &[&tools.ours, "list"]).without_key(),
        nothing("an empty Rust program", &[&tools.empty]),
        nothing("/bin/true", &["/bin/true"]),
        nothing("python3 -c pass", &[&tools.python, "-c", "pass"]),
        nothing("list, 10 tokens, signatures checked", &[&tools.ours, "list"]),
        nothing("specter-token --version", &[&tools.ours, "--version"]),
    ];
    let times = medians(&programs, 301, false);
    report("start-up", &programs, &times, &[Bound { beside: "an empty Rust program", most: 1.25 }], true);
}

fn create(tools: &Tools, folder: &Path, tokens: usize, runs: usize) {
    let folders = copies(folder, &["ours", "dd", "python", "jq"]);
    let jq = ".[0].jwt_tokens[\"RUN\"] = {jwt_token: \"x\", jwt_token_description: \"RUN\", jwt_token_life: 3600}";
    let programs = [
        Program::new("create", &folders[0], &[&tools.ours, "create", "-d", "new RUN", "-l", "1h"]),
        Program::new(
            "dd conv=fsync, mv, sync",
            &folders[1],
            &["sh", "-c", "dd if=users.json of=new bs=1M conv=fsync && mv new users.json && sync ."],
        ),
        Program::new(
            "dd conv=fsync, mv",
            &folders[1],
            &["sh", "-c", "dd if=users.json of=new bs=1M conv=fsync && mv new users.json"],
        ),
        Program::new("Python", &folders[2], &[&tools.python, "-c", PYTHON_CREATE, "new RUN"]),
        Program::new("jq, mv", &folders[3], &["sh", "-c", &format!("jq '{jq}' users.json > new && mv new users.json")]),
    ];
    let times = medians(&programs, runs, true);
    let bounds = if tokens <= 1_000 {
        vec![Bound { beside: "dd conv=fsync, mv, sync", most: 0.6 }, Bound { beside: "Python", most: 1.0 / 15.0 }]
    } else {
        vec![Bound { beside: "dd conv=fsync, mv", most: 2.5 }, Bound { beside: "Python", most: 1.0 / 7.0 }]
    };
    report(&format!("create into {tokens} tokens"), &programs, &times, &bounds, tokens <= 1_000);
    if tokens > 1_000 {
        report_memory(&programs[0], mebibytes(folder), 1.3);
    }
}

fn mebibytes(folder: &Path) -> f64 {
    #[expect(clippy::cast_precision_loss)] // a size is far below 2^52
    let size = fs::metadata(folder.join("users.json")).unwrap().len() as f64;
    size / f64::from(1 << 20)
}

fn list(tools: &Tools, folder: &Path, tokens: usize, runs: usize) {
    let cat = Program::new("cat", folder, &["cat", "users.json"]);
    let python = Program::new("Python", folder, &[&tools.python, "-c", PYTHON_LIST]);
    let jq = Program::new("jq (ids and descriptions alone)", folder, &["jq", "-c", JQ_LIST, "users.json"]);
    for (title, words, has_key, most) in [
        ("list --json, no key", &["list", "--json"][..], false, 18.0),
        ("list --json, signatures checked", &["list", "--json"], true, 24.0),
        ("list as a table, no key", &["list"], false, 45.0),
    ] {
        let with_key = |program: &Program| if has_key { program.clone() } else { program.clone().without_key() };
        let ours = with_key(&Program::new("ours", folder, &[&[&*tools.ours], words].concat()));
        let is_bounded = tokens == 100_000;
        let title = format!("{title}, {tokens} tokens");
        beside_the_floor(&title, &ours, &with_key(&cat), is_bounded.then_some(most), tokens <= 1_000);
        if words.len() > 1 {
            let mut programs = vec![ours, with_key(&python)];
            if !has_key {
                programs.push(jq.clone());
            }
            let times = medians(&programs, runs, false);
            let bounds = [Bound { beside: "Python", most: 1.0 / 6.0 }];
            report(&title, &programs, &times, if is_bounded { &bounds } else { &[] }, false);
            if is_bounded {
                report_memory(&programs[0], mebibytes(folder), 1.3);
            }
        }
    }
}

/// Runs only these two. If others ran for seconds in between, the machine would take its memory back, and only ours
/// needs it again.
fn beside_the_floor(title: &str, ours: &Program, cat: &Program, most: Option<f64>, counts_instructions: bool) {
    let programs = [ours.clone(), cat.clone()];
    let times = medians(&programs, 41, false);
    let bounds: Vec<Bound> = most.map(|most| Bound { beside: "cat", most }).into_iter().collect();
    report(title, &programs, &times, &bounds, counts_instructions);
}

fn show(tools: &Tools, folder: &Path, tokens: usize, runs: usize) {
    let wanted = format!("token number {}", tokens / 2);
    let jq = format!("[.[].jwt_tokens | to_entries[] | select(.value.jwt_token_description == \"{wanted}\")]");
    let ours = Program::new("show", folder, &[&tools.ours, "show", &wanted]).without_key();
    let cat = Program::new("cat", folder, &["cat", "users.json"]);
    let is_bounded = tokens == 100_000;
    let title = format!("show one of {tokens} tokens");
    beside_the_floor(&title, &ours, &cat, is_bounded.then_some(7.0), tokens <= 1_000);
    let programs = [
        ours,
        Program::new("Python", folder, &[&tools.python, "-c", PYTHON_SHOW, &wanted]),
        Program::new("jq", folder, &["jq", &jq, "users.json"]),
    ];
    let times = medians(&programs, runs, false);
    let bounds = [Bound { beside: "jq", most: 1.0 / 6.0 }];
    report(&title, &programs, &times, if is_bounded { &bounds } else { &[] }, false);
}

fn verify_one(tools: &Tools, folder: &Path, token: &str) {
    fs::write(folder.join("token"), token).unwrap();
    fs::write(folder.join("key"), KEY).unwrap();
    let programs = [
        Program::new("verify", folder, &[&tools.ours, "verify"]).reading(&folder.join("token")),
        Program::new(
            "jwt-cli (signature and exp alone)",
            folder,
            &[&tools.jwt_cli, "decode", "--secret", "@key", token],
        ),
    ];
    let times = medians(&programs, 101, false);
    report("verify one token, 10 tokens in users.json", &programs, &times, &[], true);
}

fn verify_many(tools: &Tools, folder: &Path, tokens: &[String], runs: usize) {
    let input = folder.join("tokens");
    fs::write(&input, tokens.join("\n")).unwrap();
    let one = folder.join("one");
    fs::write(&one, &tokens[0]).unwrap();
    let programs = [
        Program::new("verify", folder, &[&tools.ours, "verify"]).reading(&input),
        Program::new("PyJWT", folder, &[&tools.python, "-c", PYTHON_VERIFY]).reading(&input),
    ];
    let times = medians(&programs, runs, false);
    let count = tokens.len();
    let title = format!("verify {count} tokens on standard input, as many in users.json");
    report(&title, &programs, &times, &[Bound { beside: "PyJWT", most: 0.1 }], false);
    // These two run alone, as in `beside_the_floor`.
    let [many, _] = programs;
    let one = Program::new("verify, one token", folder, &[&tools.ours, "verify"]).reading(&one);
    let programs = [many, one];
    let times = medians(&programs, 41, false);
    report(&title, &programs, &times, &[], false);
    #[expect(clippy::cast_precision_loss)]
    let each = (times[0] - times[1]) * 1000.0 / count as f64;
    let holds = if each <= 1.0 { "reached" } else { "MISSED" };
    println!("  {:<42} {each:>10.3} µs a token (at most 1: {holds})", "beyond reading the file");

    // This runs on one processor with a key that was prepared once; `verify` uses all processors.
    let key = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    let pass = |_| {
        let start = Instant::now();
        for token in tokens {
            let (signed, _) = token.rsplit_once('.').unwrap();
            black_box(key.clone().chain_update(signed).finalize());
        }
        #[expect(clippy::cast_precision_loss)]
        let each = start.elapsed().as_secs_f64() * 1e6 / count as f64;
        each
    };
    let each = median((0..5).map(pass).collect());
    println!("  {:<42} {each:>10.3} µs a token", "the floor: one HMAC-SHA256");
}

/// Ten times the tokens may take at most twelve times the time and memory.
fn growth(tools: &Tools, small: &Path, large: &Path) {
    println!("\ngrowth from 100000 to 1000000 tokens (at most 12 times)");
    for words in [&["list", "--json"][..], &["show", "token number 777"], &["create", "-d", "growing RUN", "-l", "1h"]]
    {
        let programs = [small, large].map(|folder| Program::new("", folder, &[&[&*tools.ours], words].concat()));
        let times = medians(&programs, 9, words[0] == "create");
        let memory = programs.each_ref().map(|program| program.memory(997));
        let (time, memory) = (times[1] / times[0], memory[1] / memory[0]);
        let holds = if time <= 12.0 && memory <= 12.0 { "reached" } else { "MISSED" };
        println!("  {:<42} {:>10.2} ms: {time:.1} times; memory {memory:.1} times: {holds}", words[0], times[1]);
    }
}

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "quick");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost");
    fs::create_dir_all(&folder).unwrap();
    let tools = Tools::find(&folder);
    let data = tempfile::tempdir_in(&folder).unwrap();
    let made = |tokens: usize, users: usize| {
        let folder = data.path().join(format!("{tokens}-{users}"));
        let all = make(&folder, tokens, users);
        (folder, all)
    };

    let (ten, tokens_of_ten) = made(10, 1);
    start_up(&tools, &ten);
    list(&tools, &ten, 10, 31);
    show(&tools, &ten, 10, 31);
    verify_one(&tools, &ten, &tokens_of_ten[0]);
    create(&tools, &ten, 10, 31);
    let (thousand, _) = made(1_000, 1);
    create(&tools, &thousand, 1_000, 31);
    list(&tools, &thousand, 1_000, 31);
    show(&tools, &thousand, 1_000, 31);
    println!("\nten users in place of one:");
    let (ten_users, _) = made(1_000, 10);
    list(&tools, &ten_users, 1_000, 11);
    show(&tools, &ten_users, 1_000, 11);
    create(&tools, &ten_users, 1_000, 11);
    if is_quick {
        return;
    }
    let (hundred_thousand, tokens) = made(100_000, 1);
    create(&tools, &hundred_thousand, 100_000, 9);
    list(&tools, &hundred_thousand, 100_000, 7);
    show(&tools, &hundred_thousand, 100_000, 7);
    verify_many(&tools, &hundred_thousand, &tokens, 5);
    println!("\nten users in place of one:");
    let (ten_users, _) = made(100_000, 10);
    list(&tools, &ten_users, 100_000, 5);
    let (million, _) = made(1_000_000, 1);
    growth(&tools, &hundred_thousand, &million);
}
