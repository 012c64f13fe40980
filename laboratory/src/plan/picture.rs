//! Pictures of organizations. In: a plan that names files, and the folder of the plan's own file. Out: a plan that has them within itself,
//! as it goes over the network and is kept by its world.
//!
//! Only whoever reads a plan from a file says in which folder pictures lie: a plan that came over the network opens no file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use issuer::{png_as_text, png_of_text};

use super::WorldPlan;
use super::check::Misfit;
use super::read::Place;
use super::told::{Told, told};

/// The largest file that is looked at, in bytes: a byte more than what is taken.
const LARGEST: u64 = (1 << 20) + 1;

/// Puts the files that organizations name into the plan; gives what is wrong with them.
pub(super) fn take_in(plan: &mut WorldPlan, folder: Option<&Path>) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for (index, organization) in plan.organizations.iter_mut().enumerate() {
        for (member, picture) in [("seal_picture", &mut organization.seal_picture), ("logo", &mut organization.logo)] {
            let Some(file) = picture.as_deref().filter(|text| matches!(png_of_text(text), Ok(None))) else { continue };
            match read(file, folder) {
                Ok(png) => *picture = Some(png_as_text(&png)),
                Err(problem) => {
                    let id = &organization.id;
                    let told = told!("organization {id:?}: {member}", "組織 {id:?}: {member}").colon(problem);
                    let place = Place { table: "organization", index, member };
                    misfits.push(Misfit { place, cause: None, told, suggestion: None });
                    *picture = None;
                }
            }
        }
    }
    misfits
}

fn read(file: &str, folder: Option<&Path>) -> Result<Vec<u8>, Told> {
    let Some(folder) = folder else {
        let form = "data:image/png;base64,…";
        return Err(told!(
            "a plan that comes from no file brings its pictures itself, as {form}; found {file:?}",
            "ファイルから読むのではない設計では、画像を {form} の形で書きます（{file:?} と書かれています）"
        ));
    };
    let place = folder.join(file);
    let mut png = Vec::new();
    let regular = |file: File| match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no file")),
    };
    let read = File::open(&place).and_then(regular).and_then(|file| file.take(LARGEST).read_to_end(&mut png));
    let place = place.display();
    read.map_err(|error| told!("{place} cannot be read: {error}", "{place} を読み取れません: {error}"))?;
    Ok(png)
}

/// The picture that a plan has within itself, read by that.
pub(super) fn within<T>(
    text: Option<&str>,
    read: impl Fn(&[u8]) -> Result<T, issuer::Error>,
) -> Result<Option<T>, issuer::Error> {
    let png = text.map(png_of_text).transpose()?.flatten();
    png.map(|png| read(&png)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = include_bytes!("../../../issuer/assets/badge.png");

    fn plan(members: &str) -> String {
        let (before, organization) = WorldPlan::DEFAULT.rsplit_once("[[organization]]").unwrap();
        format!("{before}[[organization]]\n{members}{organization}")
    }

    fn present() -> jiff::Timestamp {
        "2026-11-24T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn files_beside_a_plan_become_part_of_it_and_stay_so_wherever_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("seal.png"), PNG).unwrap();
        let text = plan("seal_picture = \"seal.png\"\nlogo = \"seal.png\"\n");
        let plan = WorldPlan::from_toml_beside(&text, present(), Some(folder.path())).unwrap();
        let organization = &plan.issuing_organizations().unwrap()[0];
        assert!(organization.seal_picture.is_some() && organization.logo.is_some());
        drop(folder);
        let (sent, kept) = (WorldPlan::from_toml(&plan.to_toml(), present()), WorldPlan::of_world(&plan.to_toml()));
        assert_eq!((sent.unwrap(), kept.unwrap()), (plan.clone(), plan));
    }

    #[test]
    fn a_plan_from_the_network_opens_no_file_and_what_is_no_picture_is_told_with_its_line() {
        let told = |members: &str, folder: Option<&Path>| {
            WorldPlan::from_toml_beside(&plan(members), present(), folder).unwrap_err().to_string()
        };
        let error = told("seal_picture = \"/etc/hostname\"\n", None);
        assert!(error.contains("brings its pictures itself") && error.contains("line"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        assert!(told("logo = \"logo.png\"\n", Some(folder.path())).contains("cannot be read"));
        assert!(told("logo = \".\"\n", Some(folder.path())).contains("it is no file"));
        std::fs::write(folder.path().join("logo.png"), "GIF89a").unwrap();
        assert!(told("logo = \"logo.png\"\n", Some(folder.path())).contains("wanted a PNG"));
        assert!(told("logo = \"data:image/png;base64,!\"\n", None).contains("wanted a PNG in Base64"));
    }
}
