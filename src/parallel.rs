//! Work on many items by all processors, with the results in order.

use std::sync::mpsc::sync_channel;
use std::thread;

use anyhow::{Result, anyhow};

/// Items that one processor does in a row, so that little is held before it is taken.
const BLOCK: usize = 512;
/// Fewer items are not worth a second thread.
const MANY: usize = 2_048;

/// Has `make` append something for each item to a text, and hands the texts to `take`, in order. What `make` does for one item
/// must not depend on another. What was made before an error is still taken.
pub(crate) fn in_order(
    count: usize,
    make: impl Fn(usize, &mut Vec<u8>) -> Result<()> + Sync,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let blocks = count.div_ceil(BLOCK);
    let text_of = |block: usize| {
        let mut text = Vec::new();
        let done = (block * BLOCK..count.min((block + 1) * BLOCK)).try_for_each(|item| make(item, &mut text));
        (text, done)
    };
    if count < MANY {
        return (0..blocks).try_for_each(|block| {
            let (text, done) = text_of(block);
            take(&text).and(done)
        });
    }
    let workers = thread::available_parallelism().map_or(1, usize::from).min(blocks);
    thread::scope(|scope| {
        let text_of = &text_of;
        let start = |worker: usize| {
            // One text is taken while the next is done; more would only take memory.
            let (sender, receiver) = sync_channel(1);
            scope.spawn(move || {
                for block in (worker..blocks).step_by(workers) {
                    if sender.send(text_of(block)).is_err() {
                        // Nobody wants the rest.
                        break;
                    }
                }
            });
            receiver
        };
        let receivers: Vec<_> = (0..workers).map(start).collect();
        for block in 0..blocks {
            let (text, done) =
                receivers[block % workers].recv().map_err(|_| anyhow!("a thread has ended too early"))?;
            take(&text).and(done)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn all(count: usize) -> Result<String> {
        let mut all = Vec::new();
        let make = |item: usize, text: &mut Vec<u8>| {
            text.extend(format!("{item}\n").as_bytes());
            Ok(())
        };
        in_order(count, make, |text| {
            all.extend_from_slice(text);
            Ok(())
        })?;
        Ok(String::from_utf8(all)?)
    }

    #[test]
    fn everything_comes_once_and_in_order() -> Result<()> {
        for count in [0, 1, BLOCK, BLOCK + 1, MANY - 1, MANY, 20 * MANY + 7] {
            let all = all(count)?;
            assert!(all.lines().map(str::parse).eq((0..count).map(Ok)), "{count}");
        }
        Ok(())
    }

    #[test]
    fn an_error_ends_it_where_it_happens() {
        let failing = MANY + 5;
        let mut taken = 0;
        let make = |item: usize, text: &mut Vec<u8>| {
            if item == failing {
                bail!("no more");
            }
            text.push(b'x');
            Ok(())
        };
        let ended = in_order(20 * MANY, make, |text| {
            taken += text.len();
            Ok(())
        });
        assert_eq!((ended.map_err(|error| error.to_string()), taken), (Err("no more".to_owned()), failing));
        let unwanted = in_order(20 * MANY, |_, _| Ok(()), |_| bail!("enough"));
        assert_eq!(unwanted.map_err(|error| error.to_string()), Err("enough".to_owned()));
    }
}
