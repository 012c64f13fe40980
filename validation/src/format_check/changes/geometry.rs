//! Rules M7 and M14: where widgets and annotations lie, ISO 32000-1 clauses 7.9.5 and 12.5.3. In: their dictionaries. Out: whether
//! they can be seen, and whether one covers another.

use std::collections::HashMap;

use pades::{Dictionary, Error, Object, Reference, SignatureFields, SignatureValue, View};

/// How far from the origin a rectangle may reach: ten times the largest page (ISO 32000-1, annex C), where single precision, with
/// which many viewers calculate, still tells points of the screen apart.
const FARTHEST: f64 = 144_000.0;

/// Whether viewers are to show nothing of a widget but its appearance: a rectangle without area, or the flags Hidden and NoView.
/// One without a rectangle, or with numbers that viewers may read in another way, is visible.
pub(super) fn is_invisible(widget: &Dictionary) -> bool {
    const HIDDEN_AND_NOT_VIEWED: i64 = 2 | 32;
    let Some([left, bottom, right, top]) = widget.get("Rect").and_then(exact_numbers) else { return false };
    let hidden = flags(widget).is_some_and(|flags| flags & HIDDEN_AND_NOT_VIEWED == HIDDEN_AND_NOT_VIEWED);
    hidden || left == right || bottom == top
}

/// /F, 0 if there is none. `None` is anything but an integer of the ten flags that ISO 32000-2 table 167 defines: viewers cut off
/// what does not fit into 32 bits, so that it hides nothing.
pub(super) fn flags(annotation: &Dictionary) -> Option<i64> {
    match annotation.get("F") {
        None => Some(0),
        Some(Object::Integer(flags)) if (0..1 << 10).contains(flags) => Some(*flags),
        Some(_) => None,
    }
}

/// Whether a rectangle has an area that viewers cannot lose.
pub(super) fn has_area([left, bottom, right, top]: [f64; 4]) -> bool {
    const LEAST: f64 = 0.01; // a hundredth of a point is seen by nobody
    let near = [left, bottom, right, top].iter().all(|number| number.abs() <= FARTHEST); // and no NaN
    near && (right - left).abs() >= LEAST && (top - bottom).abs() >= LEAST
}

/// Whether a matrix is six numbers that map areas to areas, ISO 32000-1 clause 8.3.3.
pub(super) fn is_invertible(matrix: &[f64]) -> bool {
    const LEAST: f64 = 1e-6;
    let &[a, b, c, d, ..] = matrix else { return false };
    let near = matrix.iter().all(|number| number.abs() <= FARTHEST);
    matrix.len() == 6 && near && (a * d - b * c).abs() >= LEAST
}

/// A rectangle, its left lower corner first; `None` if it cannot be read.
pub(super) fn rectangle(view: View<'_>, annotation: &Dictionary) -> Option<[f64; 4]> {
    let Object::Array(corners) = view.get(annotation, "Rect").ok()? else { return None };
    let corners = corners.iter().map(|corner| view.resolve(corner).ok()).collect::<Option<Vec<Object>>>()?;
    let [left, bottom, right, top] = numbers(&Object::Array(corners))?;
    Some([left.min(right), bottom.min(top), left.max(right), bottom.max(top)])
}

/// Where readers may show an annotation: its rectangle, and without an appearance also the points of its marks, with the room of
/// an icon or a thick line.
pub(super) fn area_of_marks(view: View<'_>, annotation: &Dictionary) -> Option<[f64; 4]> {
    const ROOM: f64 = 36.0; // half an inch: icons of notes have a quarter to half
    let rectangle = rectangle(view, annotation)?;
    if annotation.get("AP").is_some() {
        return Some(rectangle);
    }
    let mut coordinates = Vec::new();
    for key in ["QuadPoints", "Vertices", "L", "CL", "InkList"] {
        flatten(view, &view.get(annotation, key).ok()?, &mut coordinates)?;
    }
    let area = coordinates.chunks_exact(2).fold(rectangle, |[left, bottom, right, top], point| {
        [left.min(point[0]), bottom.min(point[1]), right.max(point[0]), top.max(point[1])]
    });
    let [left, bottom, right, top] = area;
    Some([left - ROOM, bottom - ROOM, right + ROOM, top + ROOM])
}

/// The numbers of a list of numbers, or of lists of them.
fn flatten(view: View<'_>, value: &Object, numbers: &mut Vec<f64>) -> Option<()> {
    match value {
        Object::Null => {}
        Object::Integer(whole) => numbers.push(*whole as f64),
        Object::Real(real) => numbers.push(real.value()),
        Object::Array(elements) => {
            for element in elements {
                match view.resolve(element).ok()? {
                    Object::Array(_) if element.as_reference().is_some() => return None, // elsewhere: not looked for
                    inner => flatten(view, &inner, numbers)?,
                }
            }
        }
        _ => return None,
    }
    Some(())
}

/// Whether two rectangles have an area in common; one that cannot be read may lie anywhere.
pub(super) fn overlap(one: Option<[f64; 4]>, other: Option<[f64; 4]>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    one[0].max(other[0]) < one[2].min(other[2]) && one[1].max(other[1]) < one[3].min(other[3])
}

/// Four direct numbers near the origin, with no more digits than a double keeps.
fn exact_numbers(rectangle: &Object) -> Option<[f64; 4]> {
    const EXACT: usize = 16; // fifteen digits and the point
    let exact = |number: &Object| !matches!(number, Object::Real(real) if real.text().len() > EXACT);
    let all_exact = rectangle.as_array()?.iter().all(exact);
    numbers(rectangle).filter(|corners| all_exact && corners.iter().all(|number| number.abs() <= FARTHEST))
}

/// Four direct numbers.
fn numbers(rectangle: &Object) -> Option<[f64; 4]> {
    let number = |number: &Object| match number {
        Object::Integer(whole) => Some(*whole as f64),
        Object::Real(real) => Some(real.value()),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = rectangle.as_array()?.iter().map(number).collect();
    numbers?.try_into().ok()
}

/// Where annotations and visible seals lie in one revision.
#[derive(Default)]
pub(super) struct Places {
    /// The pages that list each annotation, by the numbers of their objects.
    pages: HashMap<Reference, Vec<u32>>,
    seals: Vec<VisibleSeal>,
}

struct VisibleSeal {
    field: String,
    pages: Vec<u32>,
    area: Option<[f64; 4]>,
}

impl Places {
    /// # Errors
    /// If a page cannot be read: then seals may lie anywhere.
    pub(super) fn of(view: View<'_>, fields: &SignatureFields) -> Result<Places, Error> {
        let mut places = Places::default();
        for page in view.pages()? {
            let Object::Array(annotations) = view.get(&page.dictionary, "Annots")? else { continue };
            for annotation in annotations.iter().filter_map(Object::as_reference) {
                places.pages.entry(annotation).or_default().push(page.reference.number);
            }
        }
        let sealed = fields.fields.iter().filter(|field| field.value != SignatureValue::Empty);
        for field in sealed {
            for widget in field.reference.iter().chain(&field.widgets) {
                let Some(located) = view.object(*widget)? else { continue };
                let shown = |widget: &&Dictionary| widget.entry("Rect").is_some() && !is_invisible(widget);
                let Some(dictionary) = located.object.as_dictionary().filter(shown) else { continue };
                let pages = places.pages_of(*widget).to_vec();
                places.seals.push(VisibleSeal { field: field.name.clone(), pages, area: rectangle(view, dictionary) });
            }
        }
        Ok(places)
    }

    /// The pages that list an annotation.
    pub(super) fn pages_of(&self, annotation: Reference) -> &[u32] {
        self.pages.get(&annotation).map_or(&[], |pages| pages)
    }

    /// The field of a visible seal on one of the pages that has an area in common with this one (M14).
    pub(super) fn covered(&self, pages: &[u32], area: Option<[f64; 4]>) -> Option<&str> {
        let below =
            |seal: &&VisibleSeal| seal.pages.iter().any(|page| pages.contains(page)) && overlap(area, seal.area);
        self.seals.iter().find(below).map(|seal| seal.field.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_that_only_touch_do_not_overlap_and_unknown_ones_may() {
        let square = Some([0.0, 0.0, 10.0, 10.0]);
        assert!(overlap(square, Some([9.0, 9.0, 20.0, 20.0])));
        assert!(!overlap(square, Some([10.0, 0.0, 20.0, 10.0])));
        assert!(overlap(square, None));
    }

    #[test]
    fn a_rectangle_of_anything_but_four_numbers_is_visible() {
        let with = |numbers: &[i64]| {
            let numbers = numbers.iter().map(|number| Object::Integer(*number)).collect();
            Dictionary::new().with("Rect", Object::Array(numbers))
        };
        assert!(is_invisible(&with(&[0; 4])) && is_invisible(&with(&[5, 5, 5, 90])));
        assert!(
            !is_invisible(&with(&[0; 3]))
                && !is_invisible(&with(&[0, 0, 0, 0, 9]))
                && !is_invisible(&with(&[0, 0, 9, 9]))
        );
        assert!(is_invisible(&with(&[0, 0, 9, 9]).with("F", Object::Integer(34))));
        assert!(!is_invisible(&with(&[0, 0, 9, 9]).with("F", Object::Integer(2))));
        assert!(!is_invisible(&Dictionary::new()) && !is_invisible(&with(&[1 << 53, 0, (1 << 53) + 1, 9])));
    }

    #[test]
    fn flags_beyond_the_defined_ones_hide_nothing() {
        let square = || Dictionary::new().with("Rect", Object::Array([0, 0, 9, 9].map(Object::Integer).to_vec()));
        assert!(is_invisible(&square().with("F", Object::Integer(34 + 4 + 512))));
        for flags in [34 + (1 << 10), 34 + (1 << 31), 34 + (1 << 32), 34 - (1 << 32), -1, i64::MAX] {
            assert!(!is_invisible(&square().with("F", Object::Integer(flags))), "{flags}");
        }
        assert!(!is_invisible(&square().with("F", Object::name("34"))));
        assert_eq!((flags(&square()), flags(&square().with("F", Object::name("2")))), (Some(0), None));
    }

    #[test]
    fn a_matrix_is_six_numbers_that_keep_an_area() {
        assert!(is_invertible(&[0.7, 0.7, -0.7, 0.7, 0.0, 0.0]) && is_invertible(&[1.0, 0.0, 0.0, 1.0, 9.0, 9.0]));
        for matrix in [&[0.0; 6][..], &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0], &[1.0, 0.0, 0.0, 1.0], &[f64::NAN; 6]] {
            assert!(!is_invertible(matrix), "{matrix:?}");
        }
        assert!(has_area([0.0, 0.0, -9.0, 9.0]) && !has_area([0.0, 0.0, 9.0, 0.0]) && !has_area([0.0, 0.0, 1e9, 9.0]));
    }
}
