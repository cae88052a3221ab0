//! Lifetimes against an independent statement of the rule: the patterns of Specter's parser, run by a real regular
//! expression engine, and sums of quantities put together here, so that their seconds are known.

use std::ffi::OsString;
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use specter_token::Cli;

/// The seconds of `--life`, from the debug form of the parsed command line. `None` if it was refused.
fn parsed(life: &str) -> Option<i64> {
    let arguments = ["specter-token", "create", "-d", "x", &format!("--life={life}")].map(OsString::from);
    let parsed = format!("{:?}", Cli::parse_from(arguments).ok()?);
    let seconds = parsed.split("Lifetime(").nth(1).unwrap().split(')').next().unwrap();
    Some(seconds.parse().unwrap())
}

/// pytimeparse's grammar: weeks to seconds in this order, or a clock, perhaps after weeks and days.
static SPECTER: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let quantity = |name: &str, units: &str| format!(r"(?:(?P<{name}>[\d.]+)\s*(?:{units})\s*(?:[,/]\s*)?)?\s*");
    let (weeks, days) = (quantity("w", "w|wks?|weeks?"), quantity("d", "d|dys?|days?"));
    let (hours, minutes) = (quantity("h", "h|hrs?|hours?"), quantity("m", "m|mins?|minutes?"));
    let seconds = r"(?:(?P<s>[\d.]+)\s*(?:s|secs?|seconds?))?";
    let clock = r"(?P<h>\d+):(?P<m>\d{2}):(?P<s>\d{2}(?:\.\d+)?)";
    [
        format!(r"^\s*{weeks}{days}{hours}{minutes}{seconds}\s*$"),
        format!(r"^\s*{weeks}{days}{clock}\s*$"),
        r"^\s*(?:(?:(?P<d>\d+):(?P<h>\d{2}):(?P<m>\d{2})|(?P<m2>\d{1,2})|):(?P<s>\d{2}(?:\.\d+)?))\s*$".to_owned(),
    ]
    .map(|pattern| Regex::new(&format!("(?i){pattern}")).unwrap())
});

/// Specter's seconds for an ASCII text without a minus or a newline.
fn specter_seconds(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let text = text.strip_prefix(['+', '|']).unwrap_or(text);
    let found = SPECTER.iter().filter(|_| !text.trim().is_empty()).find_map(|pattern| pattern.captures(text))?;
    let field = |name: &str| found.name(name).map(|field| field.as_str());
    let number = |name: &str| field(name).map_or(Some(0.0), |field| field.parse::<f64>().ok());
    let minutes = number("m")? + number("m2")?;
    let without_seconds = 604_800.0 * number("w")? + 86_400.0 * number("d")? + 3_600.0 * number("h")? + 60.0 * minutes;
    let has_fraction = field("s").is_some_and(|seconds| seconds.contains('.'));
    Some(if has_fraction { without_seconds + number("s")? } else { without_seconds.trunc() + number("s")? })
}

/// Whether the rule refuses a text by name although Specter takes it.
fn is_refused_by_name(text: &str, seconds: f64) -> bool {
    let has_capital_m = text.split(|char: char| !char.is_alphabetic()).any(|word| word == "M");
    has_capital_m || !(1.0..=253_402_300_799.0).contains(&seconds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Texts that look like Specter's lifetimes, right and wrong ones.
    #[test]
    fn what_specter_takes_is_taken_with_the_same_seconds(
        text in r"( ?[+|])?( {0,2}[0-9]{0,3}\.?[0-9]{0,2} ?(w|wk|Weeks|d|DY|days|h|hr|hours|m|MIN|minutes|s|sec|Seconds|M|x|:|:0[0-9])[,/ ]{0,2}){0,4}(:?[0-9]{2}(\.5)?)?"
    ) {
        match specter_seconds(&text) {
            Some(seconds) if is_refused_by_name(&text, seconds) => prop_assert_eq!(parsed(&text), None),
            #[expect(clippy::cast_possible_truncation)] // checked above
            Some(seconds) => prop_assert_eq!(parsed(&text), Some(seconds.floor() as i64)),
            None => {} // perhaps humantime's language, which the next property covers
        }
    }

    /// Quantities in any order and letter case, apart or together, separated as people do.
    #[test]
    fn sums_of_quantities_come_to_their_sum(
        quantities in prop::collection::vec((1_i64..400, 0_usize..7, 0_usize..4, 0_usize..6), 1..6)
    ) {
        const UNITS: [([&str; 4], i64); 7] = [
            (["s", "sec", "SECONDS", "Second"], 1),
            (["m", "min", "Minutes", "MIN"], 60),
            (["h", "hr", "Hours", "H"], 3_600),
            (["d", "days", "Day", "DAYS"], 86_400),
            (["w", "weeks", "Wk", "WEEK"], 604_800),
            (["mo", "months", "Months", "MONTH"], 2_630_016),
            (["y", "years", "Yr", "YEARS"], 31_557_600),
        ];
        const SEPARATORS: [&str; 6] = ["", " ", ", ", " / ", " and ", ", AND "];
        let mut text = String::new();
        let mut seconds = 0;
        for (number, (count, unit, word, separator)) in quantities.into_iter().enumerate() {
            let (words, unit) = UNITS[unit];
            if number > 0 {
                // "1dand 2h" would be one word.
                text += if SEPARATORS[separator].trim_start().starts_with('a') { " and " } else { SEPARATORS[separator] };
            }
            let gap = if separator % 2 == 0 { "" } else { " " };
            text.extend([&*count.to_string(), gap, words[word]]);
            seconds += count * unit;
        }
        prop_assert_eq!(parsed(&text), Some(seconds), "{}", text);
    }

    #[test]
    fn no_text_panics(text in r"\PC{0,30}|[0-9 .:,/|+\-\nmshdwyMµıſ٣]{0,40}|[0-9]{15,25}(s|ms|y|w)( [0-9]{1,25}(ns|s|h))?") {
        let _ = parsed(&text);
    }
}
