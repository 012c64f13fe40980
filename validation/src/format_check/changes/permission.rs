//! Rules M10 and M11: what earlier signatures permit a later revision to do, ISO 32000-1 clauses 12.8.2.2 (DocMDP) and 12.8.2.4
//! (FieldMDP), ISO 32000-2 clause 12.8.5.3. In: the signatures of the revisions before. Out: why something is forbidden; and,
//! for a finding about a permitted change, how the policy counts it.
//!
//! Every signature binds what comes after it; a later one can only forbid more. What cannot be read may be something that
//! forbids. Security stores and document time-stamps are permitted after any signature.

use std::borrow::Cow;
use std::collections::HashSet;

use pades::{
    Dictionary, Document, Error, LockedFields, Object, Origin, Permission, SignatureField, SignatureFields,
    SignatureValue, View,
};

use crate::check::CheckId::{M6, M7, M10, M11};
use crate::format_check::rule::{Finding, Rule};
use crate::format_check::subject::Subject;
use crate::policy::{Anomaly, ConstraintLevel, LaterChangesAllowed, StructureConstraints};
use crate::report::{Check, Outcome};

/// What the signatures so far permit.
#[derive(Default)]
pub(super) struct Permissions {
    /// The least /P, and the field whose signature sets it.
    permission: Option<(Permission, String)>,
    /// Whether one of the signatures is a certification.
    certified: bool,
    locks: Vec<Lock>,
    /// Signatures whose restrictions cannot be read, with the reason.
    unreadable: Vec<(String, String)>,
    /// By field and by where the signature dictionary lies.
    known: HashSet<(String, usize)>,
    /// Whether the signatures of some revision were added already.
    begun: bool,
}

/// Fields that one signature closes.
struct Lock {
    by: String,
    fields: LockedFields,
    /// The names in it: there may be as many as a form has fields.
    names: HashSet<String>,
}

impl Lock {
    fn new(by: &str, fields: LockedFields) -> Lock {
        let names = match &fields {
            LockedFields::All => HashSet::new(),
            LockedFields::Include(names) | LockedFields::Exclude(names) => names.iter().cloned().collect(),
        };
        Lock { by: by.to_owned(), fields, names }
    }

    /// As [`LockedFields::covers`]: a name stands for itself and for what lies below it.
    fn covers(&self, field: &str) -> bool {
        let above = field.match_indices('.').map(|(period, _)| &field[..period]);
        let listed = || above.chain([field]).any(|name| self.names.contains(name));
        match self.fields {
            LockedFields::All => true,
            LockedFields::Include(_) => listed(),
            LockedFields::Exclude(_) => !listed(),
        }
    }
}

impl Permissions {
    /// Adds the signatures that a revision shows. What is known of a field stays: a signed field does not change (M8).
    pub(super) fn add(&mut self, view: View<'_>, fields: &SignatureFields, of_pages: &[SignatureField]) {
        let (revision, page_only) = (view.revision(), of_pages.iter().filter(|field| field.origin == Origin::PageOnly));
        for field in fields.fields.iter().chain(page_only) {
            let Some(dictionary) = field.value.dictionary() else { continue };
            let later = match &field.value {
                SignatureValue::Signed(signature) if self.begun => signature.revision != revision, // or known
                SignatureValue::Signed(signature) => signature.revision > revision,
                _ => false,
            };
            if !later && self.known.insert((field.name.clone(), dictionary.token.start)) {
                self.bind(view, &field.name, Some(&field.dictionary), dictionary);
            }
        }
        self.begun = true;
        match certifying(view) {
            Ok(Some(certifying)) if self.known.insert((String::new(), certifying.token.start)) => {
                self.bind(view, CATALOG, None, &certifying);
            }
            Ok(_) => {}
            Err(problem) => self.unreadable.push((CATALOG.to_owned(), problem.to_string())),
        }
    }

    fn bind(&mut self, view: View<'_>, name: &str, field: Option<&Dictionary>, signature: &Dictionary) {
        let restrictions = view.restrictions(field, signature);
        self.certified |= restrictions.certification.is_some();
        if let Some(permission) = restrictions.permission
            && self.permission.as_ref().is_none_or(|(known, _)| permission < *known)
        {
            self.permission = Some((permission, name.to_owned()));
        }
        self.locks.extend(restrictions.locked.into_iter().map(|lock| Lock::new(name, lock)));
        self.unreadable.extend(restrictions.problems.iter().map(|problem| (name.to_owned(), problem.to_string())));
    }

    /// Why a value must not be given to a field, by a signature or by filling in a form: the rule, and in words.
    pub(super) fn forbid(&self, field: &str) -> Option<(Rule, String)> {
        if let Some((by, problem)) = self.unreadable.first() {
            return Some((M11, format!("what the signature in `{by}` permits cannot be read: {problem}")));
        }
        if let Some((Permission::NoChanges, by)) = &self.permission {
            return Some((M11, format!("the signature in `{by}` permits no changes (P 1)")));
        }
        let lock = self.locks.iter().find(|lock| lock.covers(field));
        lock.map(|lock| (M10, format!("the signature in `{}` locks the field `{field}`", lock.by)))
    }

    /// Whether annotations may be added, changed and removed: only a certification says so, with P 3.
    pub(super) fn annotations(&self) -> bool {
        let permitted = matches!(self.permission, Some((Permission::Annotations, _)));
        self.certified && permitted && self.unreadable.is_empty()
    }
}

/// Where a certification is named that no field may lead to.
const CATALOG: &str = "/Perms /DocMDP of the catalog";

/// The signature dictionary that /Perms /DocMDP of the catalog leads to.
fn certifying(view: View<'_>) -> Result<Option<Dictionary>, Error> {
    let (_, catalog) = view.catalog()?;
    let Object::Dictionary(permissions) = view.get(&catalog, "Perms")? else { return Ok(None) };
    match view.get(&permissions, "DocMDP")? {
        Object::Dictionary(signature) => Ok(Some(signature)),
        _ => Ok(None),
    }
}

/// How a policy counts a finding. Material of the security store that a later revision replaced changes neither what is shown nor
/// what is believed (M6), and is told; `strict` has none of it. One about a permitted change has passed, and is a change: a further seal (M7), a form that was
/// filled in (M10), an annotation (M9).
pub(super) fn judged<'f>(finding: &'f Finding, policy: LaterChangesAllowed) -> Cow<'f, Finding> {
    let permitted = finding.outcome == Outcome::Passed && finding.change;
    let replaced = finding.rule == M6 && finding.outcome == Outcome::Warning && finding.change;
    let outcome = match policy {
        LaterChangesAllowed::LongTermOnly if replaced => Outcome::Failed,
        _ if !permitted => return Cow::Borrowed(finding),
        LaterChangesAllowed::Permitted => return Cow::Borrowed(finding),
        LaterChangesAllowed::FurtherSeals | LaterChangesAllowed::Any if finding.rule == M7 => {
            return Cow::Borrowed(finding);
        }
        LaterChangesAllowed::LongTermOnly | LaterChangesAllowed::FurtherSeals | LaterChangesAllowed::Any => {
            Outcome::Failed
        }
    };
    Cow::Owned(Finding { outcome, ..finding.clone() })
}

/// M11 of a certification itself: /Perms /DocMDP of the catalog leads to it (ISO 32000-1, table 258). It lies in what the
/// signature covers, and the certification binds all the same.
pub(in crate::format_check) fn certification(
    document: &Document,
    subject: &Subject,
    constraints: &StructureConstraints,
) -> Option<Check> {
    let signature = subject.signature.as_ref()?;
    let view = document.at(signature.covered_revision.unwrap_or(signature.revision))?;
    view.restrictions(None, &signature.dictionary).certification?;
    if certifying(view).is_ok_and(|certifying| certifying.as_ref() == Some(&signature.dictionary)) {
        return None;
    }
    let (offset, detail) =
        (Some(subject.offset()), "/Perms /DocMDP of the catalog does not lead to this certification");
    match constraints.level(M11, Anomaly::Covered) {
        ConstraintLevel::Fail => Some(M11.failed(offset, detail)),
        ConstraintLevel::Warn => Some(M11.warning(offset, detail)),
        ConstraintLevel::Inform => Some(M11.passed(offset, detail)),
        ConstraintLevel::Ignore => None,
    }
}
