//! Messages on a terminal while a command waits, or works for long.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::core::users_json::patience::Patience;
use crate::core::waiting::{Wait, Waiting};
use crate::host::{signals, status_line};
use crate::words::waiting::{judged, wait};

/// How long a command waits for others, unless a signal has come.
pub(crate) fn patience() -> Patience {
    Patience::of_command(signals::has_come, tell)
}

/// Tells about a wait once it takes long.
pub(crate) fn tell(waiting: Waiting<'_>) -> Wait {
    if !status_line::is_on() {
        return None;
    }
    let text = wait(waiting);
    status_line::begin(move || text.clone()).map(|lasting| Box::new(lasting) as Box<dyn Any>)
}

/// The progress of judging tokens. It is shown until this is dropped.
pub(crate) struct Progress {
    done: Arc<Done>,
    _lasting: status_line::Lasting,
}

/// The number and the bytes of the lines judged so far.
#[derive(Default)]
pub(crate) struct Done {
    tokens: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Begins to show progress. `bytes` is the length of the input, if known. `None` if nothing is shown.
    pub(crate) fn of(bytes: Option<u64>) -> Option<Self> {
        let done = Arc::new(Done::default());
        let said = Arc::clone(&done);
        let lasting = status_line::begin(move || {
            let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
            judged(count(&said.tokens), bytes.map(|all| (count(&said.bytes), all)))
        })?;
        Some(Progress { done, _lasting: lasting })
    }

    /// The counter of judged lines.
    pub(crate) fn done(&self) -> Arc<Done> {
        Arc::clone(&self.done)
    }
}

impl Done {
    /// Counts a line of this length.
    pub(crate) fn add_line(&self, bytes: usize) {
        self.tokens.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64 + 1, Ordering::Relaxed);
    }
}
