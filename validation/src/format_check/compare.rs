//! Comparing dictionaries and lists of two revisions in time that grows with their length, not with its square (rule X10).

use std::collections::BTreeMap;

use pades::{Dictionary, Object};

/// The values by key; of two with one key the first, and none for null.
pub(super) fn index(dictionary: &Dictionary) -> BTreeMap<&[u8], &Object> {
    let entries = dictionary.entries().iter().rev();
    let mut values: BTreeMap<&[u8], &Object> = entries.map(|entry| (entry.key.as_bytes(), &entry.value)).collect();
    values.retain(|_, value| !value.is_null());
    values
}

/// Each key of either dictionary with its values.
pub(super) fn pairs<'d>(
    old: &'d Dictionary,
    new: &'d Dictionary,
) -> BTreeMap<&'d [u8], (Option<&'d Object>, Option<&'d Object>)> {
    let mut pairs: BTreeMap<&[u8], (Option<&Object>, Option<&Object>)> = BTreeMap::new();
    for (key, value) in index(old) {
        pairs.entry(key).or_default().0 = Some(value);
    }
    for (key, value) in index(new) {
        pairs.entry(key).or_default().1 = Some(value);
    }
    pairs
}

/// The keys whose values differ.
pub(in crate::format_check) fn differing(old: &Dictionary, new: &Dictionary) -> Vec<String> {
    let different = pairs(old, new).into_iter().filter(|(_, (old, new))| old != new);
    different.map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect()
}

/// What a list gained anywhere; `None` if it does not hold the old elements in the old order.
pub(super) fn additions<'d>(old: &[Object], new: &'d [Object]) -> Option<Vec<&'d Object>> {
    let mut kept = 0;
    let mut added = Vec::new();
    for element in new {
        if old.get(kept) == Some(element) {
            kept += 1;
        } else {
            added.push(element);
        }
    }
    (kept == old.len()).then_some(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(numbers: &[i64]) -> Vec<Object> {
        numbers.iter().map(|number| Object::Integer(*number)).collect()
    }

    #[test]
    fn additions_are_told_wherever_they_are() {
        let new = list(&[7, 1, 8, 2, 2]);
        let added = additions(&list(&[1, 2]), &new).unwrap();
        assert_eq!(added, [&Object::Integer(7), &Object::Integer(8), &Object::Integer(2)]);
        assert_eq!(additions(&list(&[1, 2]), &list(&[2, 1])), None);
        assert_eq!(additions(&list(&[1]), &[]), None);
    }

    #[test]
    fn null_is_no_value() {
        let old = Dictionary::new().with("A", Object::Null).with("B", Object::Integer(1));
        let new = Dictionary::new().with("B", Object::Integer(2)).with("C", Object::Integer(3));
        assert_eq!(differing(&old, &new), ["B", "C"]);
    }
}
