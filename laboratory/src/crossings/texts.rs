//! What of a certificate nobody but the issuer is to learn. In: completion data. Out: texts, and in how many octets each tells something.

use issuer::{Bilingual, Completion};
use serde_json::Value;

use super::traces::SHORTEST;

/// Octets from which on what anybody may have written is looked for: what is shorter, such as an amount, is found in one of the digests of a
/// large batch by chance.
pub(super) const TELLING: usize = 6;

/// Names, identifiers, course, grade, and what the template's own columns hold. Days and the hours of a course are not among them: they are of
/// many.
pub(super) fn of_completion(completion: &Completion) -> Vec<(String, usize)> {
    let recipient = completion.recipient();
    let mut names = vec![recipient.name.clone(), recipient.identifier.clone()];
    let mut others = Vec::new();
    names.extend(recipient.name_roman.clone());
    if let Some(achievement) = completion.achievement() {
        names.extend([&achievement.name_ja, &achievement.name_en, &achievement.provider_ja].map(String::clone));
        if let Some(Bilingual { ja, en }) = &achievement.assessment {
            others.extend([Some(ja.clone()), en.clone()].into_iter().flatten());
        }
    }
    names.extend(completion.submit_to().map(str::to_owned));
    completion.fields().values().for_each(|value| leaves(value, &mut others));
    let names = names.into_iter().map(|text| (text, SHORTEST));
    names.chain(others.into_iter().map(|text| (text, TELLING))).collect()
}

/// The texts and numbers in what a template's own columns hold.
fn leaves(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| leaves(value, texts)),
        Value::Object(members) => members.values().for_each(|value| leaves(value, texts)),
        Value::Bool(_) | Value::Null => {}
    }
}
