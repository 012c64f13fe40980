//! Reading a plan. In: text, and the present, to which a start may be relative. Out: the plan, or what is wrong with it.
//!
//! Strict: a member that is not known is refused, since what was misspelt would not be made.

use jiff::Timestamp;
use toml::de::DeTable;
use world::toml_text::{Form, Step, TomlError, TomlProblem, span_of};

use super::{VERSION, WorldPlan, check};

/// Plans, of at most a hundred thousand lines.
const PLANS: Form =
    Form { one: "a plan", several: "plans", version_member: "version", version: VERSION, longest: 4 << 20 };

/// The tables that a plan may leave out.
const TABLES: [&str; 5] = ["authority", "cross_certificate", "credential", "time_stamping_unit", "organization"];

impl WorldPlan {
    /// Reads a plan. A start may be relative to `present`, and is `present` if the plan names none.
    ///
    /// # Errors
    /// What is wrong with it: all of it if the text can be read and has the members that it should have, else the first.
    pub fn from_toml(text: &str, present: Timestamp) -> Result<WorldPlan, TomlError> {
        let (mut plan, table) = written(text)?;
        let absent = |name: &&str| table.get(*name).is_none();
        let default = || written(WorldPlan::DEFAULT).expect("the default plan is read by a test").0;
        if TABLES.iter().any(&absent) {
            let default = default();
            let WorldPlan { authorities, credentials, units, organizations, .. } = default;
            let all = (&mut plan.authorities, &mut plan.credentials, &mut plan.units, &mut plan.organizations);
            fill(all.0, authorities, absent(&"authority"));
            fill(all.1, credentials, absent(&"credential"));
            fill(all.2, units, absent(&"time_stamping_unit"));
            fill(all.3, organizations, absent(&"organization"));
        }
        let mut problems: Vec<TomlProblem> = check::problems(&plan, present)
            .into_iter()
            .map(|misfit| {
                let way = misfit.place.way();
                TomlProblem::at(text, span_of(&table, &way), misfit.message, misfit.suggestion)
            })
            .collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        if problems.is_empty() { Ok(plan) } else { Err(TomlError { problems }) }
    }

    /// The whole plan as a file, every default spelt out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a plan has only what TOML can have")
    }

    /// The JSON Schema of plans.
    pub fn schema() -> serde_json::Value {
        world::toml_text::schema::<WorldPlan>("World plan")
    }
}

fn fill<T>(list: &mut Vec<T>, default: Vec<T>, is_absent: bool) {
    if is_absent {
        *list = default;
    }
}

/// The plan as it is written, without the tables that it leaves out, and where everything stands.
pub(super) fn written(text: &str) -> Result<(WorldPlan, DeTable<'_>), TomlError> {
    PLANS.read(text)
}

/// Where something of a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The list of tables, or a member of the plan itself.
    pub(super) table: &'static str,
    /// Which table of the list.
    pub(super) index: usize,
    /// Which member of that table; the empty one is the table itself.
    pub(super) member: &'static str,
}

impl Place {
    fn way(self) -> [Step<'static>; 3] {
        [Step::Member(self.table), Step::Element(self.index), Step::Member(self.member)]
    }
}
