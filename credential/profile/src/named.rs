//! Lists of things by their names.

use std::collections::BinaryHeap;

/// Sorted by name, each name once, as soon as it is [merged](merge).
pub(crate) type Named<T> = Vec<(Box<str>, T)>;

/// Sorts the list, and joins what has the same name: each later thing to the first.
pub(crate) fn merge<T>(list: &mut Named<T>, mut join: impl FnMut(&mut T, T)) {
    if list.is_sorted_by(|(one, _), (other, _)| one < other) {
        return;
    }
    let places = in_order(list.iter().map(|(name, _)| &**name).zip(0..).collect());
    let merged = Named::with_capacity(list.len());
    let mut unsorted: Vec<_> = std::mem::replace(list, merged).into_iter().map(Some).collect();
    for place in places {
        let Some((name, thing)) = unsorted.get_mut(place).and_then(Option::take) else {
            continue;
        };
        match list.last_mut() {
            Some((last, first)) if *last == name => join(first, thing),
            _ => list.push((name, thing)),
        }
    }
}

/// The places of names, sorted by name and then by place.
///
/// By a heap: to sort a slice takes ten times the code.
fn in_order(names: Vec<(&str, usize)>) -> Vec<usize> {
    let sorted = BinaryHeap::from(names).into_sorted_vec();
    sorted.into_iter().map(|(_, place)| place).collect()
}

pub(crate) fn place_of<T>(list: &[(Box<str>, T)], name: &str) -> Option<usize> {
    list.binary_search_by(|(known, _)| (**known).cmp(name)).ok()
}
