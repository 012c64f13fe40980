//! What the author of a form demands of the seal in a field, ISO 32000-1 table 234 (seed value dictionary), ISO 32000-2 table
//! 237. In: a signature field and the seal that is wanted. Out: the seal that obeys, or the entry that it cannot obey.
//!
//! An entry is required if its bit in /Ff is set; /MDP always is. What is required is obeyed or the seal refused; what is only
//! wished is obeyed where it can be, and else told as a [`Warning`]. This crate decides what it writes itself: certificate,
//! digest, time-stamp and revocation data are [`Demands`] that the caller satisfies.

mod demands;
mod reading;

pub use demands::{CertificateDemands, Demand, Demands, TimeStampDemand};
pub use reading::{Force, NameAttributes};

use crate::{
    error::Error,
    field_lock::Permission,
    object::{Dictionary, Object},
    resolve::View,
    warning::Warning,
};
use reading::Entries;

/// What the dictionary leaves of the seal that is wanted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Obeyed {
    /// /Reason.
    pub(crate) reason: Option<String>,
    /// The certification that is demanded or was wanted.
    pub(crate) certification: Option<Permission>,
    /// Whether nothing may change after the seal (/LockDocument), or something must still be permitted.
    pub(crate) lock_document: Option<bool>,
    /// What the caller has to satisfy.
    pub(crate) demands: Demands,
    /// What could not be obeyed, or was done because of a wish.
    pub(crate) warnings: Vec<Warning>,
}

/// The seal that is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The field's name.
    pub(crate) field: &'a str,
    pub(crate) sub_filter: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) certification: Option<Permission>,
}

/// The signature handler that is named in every signature.
pub(crate) const FILTER: &str = "Adobe.PPKLite";

/// The version of seed value dictionaries that is understood: PDF 2.0.
const VERSION: f64 = 3.0;

/// Bits of /Ff; what lies above them is not known.
const KNOWN_FLAGS: i64 = (1 << 9) - 1;

/// Obeys /SV of a field; without one the seal stays as it was wanted.
pub(crate) fn obey(view: View<'_>, field: &Dictionary, request: Request<'_>) -> Result<Obeyed, Error> {
    let unchanged = || Obeyed {
        reason: request.reason.map(str::to_owned),
        certification: request.certification,
        ..Obeyed::default()
    };
    let dictionary = match view.get(field, "SV")? {
        Object::Dictionary(dictionary) => dictionary,
        Object::Null => return Ok(unchanged()),
        other => return Err(Error::damaged_because(field.token.start, "/SV as a dictionary", other.kind())),
    };
    let entries = Entries::new(view, request.field, dictionary, "")?;
    let mut obeyed = unchanged();
    entries.known_flags(KNOWN_FLAGS)?;
    version(&entries, &mut obeyed.warnings)?;
    handler(&entries, request, &mut obeyed.warnings)?;
    obeyed.reason = reason(&entries, request, &mut obeyed.warnings)?;
    obeyed.certification = certification(&entries, request, &mut obeyed.warnings)?;
    obeyed.lock_document = lock_document(&entries, &mut obeyed.warnings)?;
    attestation_and_appearance(&entries, &mut obeyed.warnings)?;
    obeyed.demands = demands::read(&entries)?;
    Ok(obeyed)
}

/// /V, bit 3: the version that a reader of the dictionary must know.
fn version(entries: &Entries<'_>, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    match entries.number("V")? {
        Some(version) if version > VERSION => {
            let force = entries.force(3);
            entries.disobey(
                force,
                "V",
                format!("a seed value dictionary of version {VERSION} at most"),
                version,
                warnings,
            )
        }
        _ => Ok(()),
    }
}

/// /Filter, bit 1, and /SubFilter, bit 2.
fn handler(entries: &Entries<'_>, request: Request<'_>, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    if let Some(filter) = entries.name("Filter")?
        && filter != FILTER
    {
        entries.disobey(entries.force(1), "Filter", filter, FILTER, warnings)?;
    }
    match entries.names("SubFilter")? {
        Some(offered) if !offered.iter().any(|one| one == request.sub_filter) => {
            entries.disobey(entries.force(2), "SubFilter", one_of(&offered), request.sub_filter, warnings)
        }
        _ => Ok(()),
    }
}

/// /Reasons, bit 4. Required: one of them, or none at all if there are none or only a period.
fn reason(entries: &Entries<'_>, request: Request<'_>, warnings: &mut Vec<Warning>) -> Result<Option<String>, Error> {
    let offered = entries.texts("Reasons")?;
    let force = entries.force(4);
    let offered: Vec<String> = match offered {
        None if force == Force::Wished => return Ok(request.reason.map(str::to_owned)),
        offered => offered.unwrap_or_default().into_iter().filter(|reason| reason != ".").collect(),
    };
    match (request.reason, offered.as_slice()) {
        (None, [only]) => Ok(Some(only.clone())),
        (None, []) => Ok(None),
        (Some(reason), _) if offered.iter().any(|one| one == reason) => Ok(Some(reason.to_owned())),
        (request, []) => {
            entries.disobey(force, "Reasons", "a seal without a reason", shown(request), warnings)?;
            Ok(request.map(str::to_owned))
        }
        (request, _) => {
            entries.disobey(force, "Reasons", one_of(&offered), shown(request), warnings)?;
            Ok(request.map(str::to_owned))
        }
    }
}

fn shown(reason: Option<&str>) -> String {
    reason.map_or_else(|| "no reason".to_owned(), |reason| format!("the reason {reason:?}"))
}

/// /MDP: an ordinary signature (0) or a certification (1 to 3). It has no bit: it binds whenever it is there.
fn certification(
    entries: &Entries<'_>,
    request: Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Permission>, Error> {
    let demanded = match entries.dictionary("MDP")? {
        None => return Ok(request.certification),
        Some(demanded) => match entries.below(demanded, "MDP/")?.integer("P")? {
            None => return Ok(request.certification),
            Some(0) => None,
            Some(number) => Some(
                Permission::from_number(number)
                    .ok_or_else(|| entries.refused("MDP", format!("/P {number}"), "a rule for /P 0 to 3"))?,
            ),
        },
    };
    let in_words = |certification: Option<Permission>| match certification {
        None => "an ordinary seal".to_owned(),
        Some(permission) => format!("a certification with /P {}", permission.number()),
    };
    match (request.certification, demanded) {
        (request, demanded) if request == demanded => Ok(demanded),
        (None, demanded) => {
            warnings.push(entries.warning("MDP", format!("obeyed: this is {}", in_words(demanded))));
            Ok(demanded)
        }
        (request, demanded) => Err(entries.refused("MDP", in_words(demanded), in_words(request))),
    }
}

/// /LockDocument, bit 8: `true`, `false` or `auto` as a name.
fn lock_document(entries: &Entries<'_>, warnings: &mut Vec<Warning>) -> Result<Option<bool>, Error> {
    match entries.name_or_boolean("LockDocument")?.as_deref() {
        Some("true") => {
            let detail = "obeyed: nothing may change after this seal (a lock of all fields with /P 1)".to_owned();
            warnings.push(entries.warning("LockDocument", detail));
            Ok(Some(true))
        }
        Some("false") if entries.force(8) == Force::Required => Ok(Some(false)),
        None | Some("false" | "auto") => Ok(None),
        Some(other) => {
            entries.disobey(entries.force(8), "LockDocument", other, "true, false and auto", warnings)?;
            Ok(None)
        }
    }
}

/// /LegalAttestation, bit 5, and /AppearanceFilter, bit 9: nothing of that kind is written.
fn attestation_and_appearance(entries: &Entries<'_>, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    if let Some(offered) = entries.texts("LegalAttestation")? {
        let expected = format!("a legal attestation, {}", one_of(&offered));
        entries.disobey(entries.force(5), "LegalAttestation", expected, "none", warnings)?;
    }
    if let Some(appearance) = entries.text("AppearanceFilter")? {
        let expected = format!("the appearance {appearance:?}");
        entries.disobey(entries.force(9), "AppearanceFilter", expected, "none of that name", warnings)?;
    }
    Ok(())
}

/// A choice in words.
pub(crate) fn one_of(offered: &[String]) -> String {
    let quoted: Vec<String> = offered.iter().take(10).map(|one| format!("{one:?}")).collect();
    match quoted.as_slice() {
        [] => "nothing that could be chosen".to_owned(),
        [only] => only.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}
