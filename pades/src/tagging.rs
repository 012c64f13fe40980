//! The tag of a new widget, ISO 32000-1 clause 14.7 and ISO 14289-1 (PDF/UA-1) clause 7.18. In: a tagged document. Out: a
//! `Form` structure element whose only child is the widget, its entry in the parent tree, and /Tabs /S on the page.
//!
//! A structure tree that is not in one of the usual shapes leaves the widget untagged: the seal itself is not affected.

use crate::{
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::Reference,
    update::Update,
};

/// Where the tag of one widget goes.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// The structure tree root.
    root: Reference,
    /// The element above the new one: the document element, or the root.
    parent: Reference,
    /// The nodes of the parent tree from below its root to the last leaf; empty if the root has the entries itself.
    branch: Vec<Reference>,
    /// The key of the widget in the parent tree: its /StructParent.
    pub(crate) key: i64,
}

/// Levels of the parent tree; each multiplies the number of entries.
const MAX_BRANCH: usize = 16;

/// A plan for the tag; `None` if the document is not tagged, or not in a usual shape.
pub(crate) fn plan(view: View<'_>) -> Result<Option<Plan>, Error> {
    let (_, catalog) = view.catalog()?;
    let marked = match view.get(&catalog, "MarkInfo")? {
        Object::Dictionary(information) => view.get(&information, "Marked")? == Object::Boolean(true),
        _ => false,
    };
    let Some(root) = catalog.get("StructTreeRoot").and_then(Object::as_reference).filter(|_| marked) else {
        return Ok(None);
    };
    let Object::Dictionary(tree) = view.resolve(&Object::Reference(root))? else { return Ok(None) };
    let parent = document_element(view, &tree)?.unwrap_or(root);
    let Some(Leaf { branch, highest }) = last_leaf(view, &tree)? else { return Ok(None) };
    let next = view.get(&tree, "ParentTreeNextKey")?.as_integer().unwrap_or(0);
    let key = next.max(highest.map_or(0, |key| key.saturating_add(1))).max(0);
    Ok(Some(Plan { root, parent, branch, key }))
}

/// The first child of the root that is a document element.
fn document_element(view: View<'_>, tree: &Dictionary) -> Result<Option<Reference>, Error> {
    let kids = match tree.get("K") {
        Some(Object::Reference(reference)) => match view.resolve(&Object::Reference(*reference))? {
            Object::Array(kids) => kids,
            _ => vec![Object::Reference(*reference)],
        },
        Some(Object::Array(kids)) => kids.clone(),
        _ => Vec::new(),
    };
    let Some(first) = kids.first().and_then(Object::as_reference) else { return Ok(None) };
    let element = view.resolve(&Object::Reference(first))?;
    Ok(element.as_dictionary().filter(|element| element.has_name("S", "Document")).map(|_| first))
}

/// The last leaf of the parent tree.
struct Leaf {
    /// The nodes from below the root to the leaf.
    branch: Vec<Reference>,
    /// The highest key in it.
    highest: Option<i64>,
}

/// The last leaf of the parent tree; `None` for a shape that is not extended.
fn last_leaf(view: View<'_>, tree: &Dictionary) -> Result<Option<Leaf>, Error> {
    let mut branch = Vec::new();
    let mut node = match view.get(tree, "ParentTree")? {
        Object::Dictionary(node) => node,
        Object::Null => return Ok(Some(Leaf { branch, highest: None })),
        _ => return Ok(None),
    };
    while let Object::Array(kids) = view.get(&node, "Kids")? {
        let last = kids.last().and_then(Object::as_reference);
        let Some(reference) = last.filter(|last| branch.len() < MAX_BRANCH && !branch.contains(last)) else {
            return Ok(None);
        };
        let Object::Dictionary(below) = view.resolve(&Object::Reference(reference))? else { return Ok(None) };
        branch.push(reference);
        node = below;
    }
    match view.get(&node, "Nums")? {
        Object::Array(entries) if entries.len() % 2 == 0 => {
            let highest = entries.chunks_exact(2).filter_map(|entry| entry[0].as_integer()).max();
            Ok(Some(Leaf { branch, highest }))
        }
        Object::Null => Ok(Some(Leaf { branch, highest: None })),
        _ => Ok(None),
    }
}

impl Plan {
    /// Writes the tag of `widget` on `page`.
    pub(crate) fn apply(&self, update: &mut Update<'_>, widget: Reference, page: Reference) -> Result<(), Error> {
        let child = Dictionary::new()
            .with("Type", Object::name("OBJR"))
            .with("Obj", Object::Reference(widget))
            .with("Pg", Object::Reference(page));
        let element = update.add(
            Dictionary::new()
                .with("Type", Object::name("StructElem"))
                .with("S", Object::name("Form"))
                .with("P", Object::Reference(self.parent))
                .with("Pg", Object::Reference(page))
                .with("K", Object::Array(vec![child.into()])),
        )?;
        self.add_kid(update, element)?;
        self.add_to_parent_tree(update, element)?;
        let next = Object::Integer(self.key + 1);
        update.edit(self.root, &[], &|root| root.with_entry("ParentTreeNextKey", next.clone()))?;
        update.edit(page, &[], &|page| page.with_entry("Tabs", Object::name("S")))
    }

    /// Adds the element to the /K of its parent: nothing, one child, or an array, direct or not.
    fn add_kid(&self, update: &mut Update<'_>, element: Reference) -> Result<(), Error> {
        let element = Object::Reference(element);
        let with_element = |kids: Object| match kids {
            Object::Array(mut kids) => {
                kids.push(element.clone());
                Ok(Object::Array(kids))
            }
            Object::Null => Ok(Object::Array(vec![element.clone()])),
            one => Ok(Object::Array(vec![one, element.clone()])),
        };
        let parent = update.current(self.parent)?;
        let kids = parent.as_dictionary().and_then(|parent| parent.get("K")).cloned().unwrap_or(Object::Null);
        match kids.as_reference().map(|reference| update.current(reference)).transpose()? {
            Some(Object::Array(_) | Object::Null) => update.edit(self.parent, &["K"], &with_element),
            _ => {
                let kids = with_element(kids)?;
                update.edit(self.parent, &[], &|parent| parent.with_entry("K", kids.clone()))
            }
        }
    }

    /// Adds key and element to the last leaf, and widens the limits above it (7.9.7).
    fn add_to_parent_tree(&self, update: &mut Update<'_>, element: Reference) -> Result<(), Error> {
        let add_entry = |entries: Object| {
            let mut entries = if let Object::Array(entries) = entries { entries } else { Vec::new() };
            entries.extend([Object::Integer(self.key), Object::Reference(element)]);
            Ok(Object::Array(entries))
        };
        for node in &self.branch {
            update.edit(*node, &["Limits"], &|limits| {
                let lowest = limits.as_array().and_then(|limits| limits.first()).cloned();
                Ok(Object::Array(vec![lowest.unwrap_or(Object::Integer(self.key)), Object::Integer(self.key)]))
            })?;
        }
        match self.branch.last() {
            Some(leaf) => update.edit(*leaf, &["Nums"], &add_entry),
            None => update.edit(self.root, &["ParentTree", "Nums"], &add_entry),
        }
    }
}
