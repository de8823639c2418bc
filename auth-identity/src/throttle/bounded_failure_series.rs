//! Counts the failures of one owner, such as a client, in a bounded number of series, of which none with a
//! pause gives way: [`OwnedSeries`].

use std::sync::Arc;

use moka::ops::compute::Op;

use super::{
    Counter, ThrottleKey,
    limit::FORGOTTEN,
    memory_counter::{Count, nanos},
};

/// The series of one owner.
pub(super) type OwnedSeries = Arc<[(ThrottleKey, Count)]>;

/// Changes one of the series.
pub(super) fn changed(
    all: &OwnedSeries,
    key: ThrottleKey,
    now: u64,
    change: impl FnOnce(Option<Count>) -> Op<Count>,
) -> Op<OwnedSeries> {
    let count = all.iter().find_map(|(other, count)| (*other == key).then_some(*count));
    let count = match change(count) {
        Op::Nop => return Op::Nop,
        Op::Remove => None,
        Op::Put(count) => Some(count),
    };
    let is_kept =
        |(other, count): &&(_, Count)| *other != key && now < count.until.saturating_add(nanos(FORGOTTEN));
    let mut kept: Vec<_> = all.iter().filter(is_kept).copied().collect();
    if let Some(count) = count {
        make_room(&mut kept, now);
        if kept.len() < Counter::MAX_OF_ONE_OWNER {
            kept.push((key, count));
        }
    }
    if kept.is_empty() { Op::Remove } else { Op::Put(kept.into()) }
}

/// Removes one series, unless there is room or each has a pause: of those with the fewest failures the one that is
/// longest ago.
fn make_room(kept: &mut Vec<(ThrottleKey, Count)>, now: u64) {
    if kept.len() < Counter::MAX_OF_ONE_OWNER {
        return;
    }
    let is_free = kept.iter().enumerate().filter(|(_, (_, count))| count.until <= now);
    let least = is_free.min_by_key(|(_, (_, count))| (count.failures, count.until)).map(|(index, _)| index);
    if let Some(index) = least {
        kept.remove(index);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(of: usize) -> ThrottleKey {
        ThrottleKey::new(&[&of.to_be_bytes()])
    }

    fn put(all: &OwnedSeries, of: usize, failures: u32, until: u64, now: u64) -> OwnedSeries {
        let count = Count { failures, until, kept: Duration::ZERO };
        match changed(all, key(of), now, |_| Op::Put(count)) {
            Op::Put(all) => all,
            _ => panic!("it is not empty"),
        }
    }

    #[test]
    fn a_series_with_a_pause_gives_way_to_none() {
        let mut all = OwnedSeries::default();
        for of in 0..Counter::MAX_OF_ONE_OWNER {
            all = put(&all, of, 7, 100, 0);
        }
        let full = all.clone();
        assert_eq!(put(&full, 99, 1, 50, 50), full, "each has a pause");
        // One that is there is changed all the same.
        let more = put(&full, 3, 8, 200, 50);
        assert_eq!(more.len(), full.len());
        // Afterwards the one with the fewest failures gives way, and the pause of another one stays.
        let least = put(&full, 5, 6, 90, 50);
        let after = put(&least, 99, 1, 101, 101);
        assert_eq!(after.len(), full.len());
        assert!(!after.iter().any(|(other, _)| *other == key(5)));
    }

    #[test]
    fn what_is_forgotten_makes_room_and_the_last_one_leaves_nothing() {
        let mut all = put(&OwnedSeries::default(), 0, 7, 1, 0);
        all = put(&all, 1, 1, nanos(FORGOTTEN), 1 + nanos(FORGOTTEN));
        assert_eq!(all.len(), 1);
        assert!(matches!(changed(&all, key(1), 0, |_| Op::Remove), Op::Remove));
        assert!(matches!(changed(&all, key(2), 0, |_| Op::Nop), Op::Nop));
    }
}
