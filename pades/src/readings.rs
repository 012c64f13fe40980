//! Whether what a first seal would cover has one reading. In: a document. Out: the departure that leaves two, in an object to which
//! references lead from the trailer; what nothing leads to is not looked at.

use std::collections::HashSet;

use crate::{
    error::{Error, Irregularity, Readings},
    object::{Dictionary, Object},
    resolve::View,
    scalar::Reference,
};

/// Looks at every object that can be reached. What is read stays known for the file that continues this one, which is looked at as a whole again.
///
/// # Errors
/// [`Error::TwoReadings`]; a limit that was reached.
pub(crate) fn check(view: View<'_>) -> Result<(), Error> {
    let (mut pending, mut seen) = (Vec::new(), HashSet::new());
    references_of(view.trailer(), &mut pending);
    while let Some(reference) = pending.pop() {
        if !seen.insert(reference) {
            continue;
        }
        let located = match view.object(reference) {
            Ok(Some(located)) => located,
            Err(problem @ Error::LimitExceeded { .. }) => return Err(problem),
            Err(problem @ Error::Damaged { .. }) => return Err(Error::TwoReadings { problem: Box::new(problem) }),
            Ok(None) | Err(_) => continue,
        };
        let doubled = key_twice(&located.object);
        let mut found = located.irregularities.into_iter().chain(doubled);
        if let Some(found) = found.find(|found| found.readings == Readings::Two) {
            return Err(Error::TwoReadings { problem: Box::new(found.problem) });
        }
        references(&located.object, &mut pending);
    }
    Ok(())
}

/// A key that a dictionary in the object has twice, with different values.
fn key_twice(object: &Object) -> Option<Irregularity> {
    let in_dictionary = |dictionary: &Dictionary| {
        let own = dictionary.duplicate_key().filter(|found| found.readings == Readings::Two);
        own.or_else(|| dictionary.entries().iter().find_map(|entry| key_twice(&entry.value)))
    };
    match object {
        Object::Dictionary(dictionary) => in_dictionary(dictionary),
        Object::Stream(stream) => in_dictionary(&stream.dictionary),
        Object::Array(elements) => elements.iter().find_map(key_twice),
        _ => None,
    }
}

fn references(object: &Object, found: &mut Vec<Reference>) {
    match object {
        Object::Dictionary(dictionary) => references_of(dictionary, found),
        Object::Stream(stream) => references_of(&stream.dictionary, found),
        Object::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        Object::Reference(reference) => found.push(*reference),
        _ => {}
    }
}

fn references_of(dictionary: &Dictionary, found: &mut Vec<Reference>) {
    dictionary.entries().iter().for_each(|entry| references(&entry.value, found));
}
