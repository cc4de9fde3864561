//! No circle of imports, at the level of files.
//!
//! A file imports another if it names something that is defined there: in a
//! `use`, or by a path. A name that is passed on by a `pub use` counts for the
//! file that defines it, so a folder's front may pass on what its files hold
//! and they may still use each other. To declare a module is not to import it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

use crate::sources;

/// A module's path from the crate's root.
type Module = Vec<String>;

#[test]
fn no_files_import_each_other_in_a_circle() {
    let crate_ = Crate::read();
    assert!(crate_.files.len() > 100, "the sources were not found");
    let mut imports = crate_.imports();
    imports.retain(|module, _| !NOT_YET.contains(&module.first().map_or("", String::as_str)));
    let circles = circles(&imports);
    let sheet: Vec<String> = circles.iter().map(|circle| circle.join("\n")).collect();
    assert!(circles.is_empty(), "{} circles:\n\n{}", circles.len(), sheet.join("\n\n"));
}

#[test]
fn a_circle_is_found_and_what_is_passed_on_counts_for_its_definer() {
    let files = [
        ("lib.rs", "pub mod a;"),
        ("a/mod.rs", "mod b; mod c; pub use b::B; use c::C; pub struct A(C);"),
        ("a/b.rs", "pub struct B;"),
        // Of B it is a user, which is no circle. Of A it is one.
        ("a/c.rs", "use super::B; pub struct C(B);"),
    ];
    let imports = |files: &[(&str, &str)]| {
        Crate::of(files.iter().map(|(path, text)| (Path::new(path), *text))).imports()
    };
    assert!(circles(&imports(&files)).is_empty());
    let mut with_circle = files;
    with_circle[3].1 = "use super::B; pub struct C(B, super::A);";
    assert_eq!(circles(&imports(&with_circle)), [["a imports a/c: C", "a/c imports a: A"]]);
}

/// The crate's modules, each a file.
struct Crate {
    files: BTreeMap<Module, File>,
}

/// What matters of one file.
#[derive(Default)]
struct File {
    /// The names that it defines.
    definitions: BTreeSet<String>,
    /// What its `use` items name, and as what; `*` for everything there.
    uses: Vec<Use>,
    /// Other paths in its code.
    paths: Vec<Vec<String>>,
}

struct Use {
    path: Vec<String>,
    name: String,
    is_public: bool,
}

impl Crate {
    fn read() -> Self {
        let sources = sources();
        Crate::of(sources.iter().map(|(path, text)| (path.as_path(), text.as_str())))
    }

    fn of<'a>(sources: impl Iterator<Item = (&'a Path, &'a str)>) -> Self {
        let files = sources.map(|(path, text)| {
            let syntax = syn::parse_file(text).expect("a source file can be parsed");
            let mut file = File::default();
            file.visit_file(&syntax);
            (module(path), file)
        });
        Crate { files: files.collect() }
    }

    /// Which file imports which, and by what names.
    fn imports(&self) -> BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>> {
        let mut imports: BTreeMap<_, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
        for (module, file) in &self.files {
            let private = file.uses.iter().filter(|item| !item.is_public).map(|item| &item.path);
            for path in private.chain(&file.paths) {
                let target = self.absolute(module, path).and_then(|path| self.definer(&path, 0));
                if let (Some(target), Some(name)) = (target, path.last())
                    && target != *module
                {
                    let names = imports.entry(module.clone()).or_default().entry(target);
                    names.or_default().insert(name.clone());
                }
            }
        }
        imports
    }

    /// The path from the crate's root; `None` for what is in another crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (&[][..], &path[1..]),
            "self" => (&module[..], &path[1..]),
            "super" => (&module[..module.len().checked_sub(ups)?], &path[ups..]),
            first => {
                let child = [module.as_slice(), &[first.to_owned()]].concat();
                if self.files.contains_key(&child) {
                    (&module[..], path)
                } else {
                    let file = self.files.get(module)?;
                    let import = file.uses.iter().find(|item| item.name == *first)?;
                    if import.path.first() == path.first() {
                        return None;
                    }
                    let start = self.absolute(module, &import.path)?;
                    return Some([&start, &path[1..]].concat());
                }
            }
        };
        Some([base, rest].concat())
    }

    /// The file that defines what an absolute path names.
    fn definer(&self, path: &[String], depth: usize) -> Option<Module> {
        let split = (0..=path.len()).rev().find(|&at| self.files.contains_key(&path[..at]))?;
        let (module, rest) = (path[..split].to_vec(), &path[split..]);
        let (Some(name), true) = (rest.first(), depth < DEEPEST) else { return Some(module) };
        let file = &self.files[&module];
        if file.definitions.contains(name) {
            return Some(module);
        }
        for item in &file.uses {
            let Some(target) = self.absolute(&module, &item.path) else { continue };
            if item.name == *name {
                return self.definer(&[&target, &rest[1..]].concat(), depth + 1);
            }
            if item.name == "*"
                && let Some(found) = self.definer(&[&target, rest].concat(), depth + 1)
                && self.files[&found].definitions.contains(name)
            {
                return Some(found);
            }
        }
        Some(module)
    }
}

impl<'ast> Visit<'ast> for File {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Const(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Fn(item) => Some(&item.sig.ident),
            syn::Item::Macro(item) => item.ident.as_ref(),
            syn::Item::Static(item) => Some(&item.ident),
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Trait(item) => Some(&item.ident),
            syn::Item::Type(item) => Some(&item.ident),
            // Tests may use whatever they test.
            syn::Item::Mod(item) if item.ident == "tests" => return,
            _ => None,
        };
        self.definitions.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        collect(&item.tree, &mut Vec::new(), is_public, &mut self.uses);
    }

    /// `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.paths.push(path.segments.iter().map(|part| part.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

/// Each path that a `use` item names.
fn collect(tree: &syn::UseTree, prefix: &mut Vec<String>, is_public: bool, uses: &mut Vec<Use>) {
    match tree {
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            collect(&path.tree, prefix, is_public, uses);
            prefix.pop();
        }
        syn::UseTree::Group(group) => {
            for item in &group.items {
                collect(item, prefix, is_public, uses);
            }
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            let name = prefix.last().cloned().unwrap_or_default();
            uses.push(Use { path: prefix.clone(), name, is_public });
        }
        syn::UseTree::Name(name) => {
            let name = name.ident.to_string();
            uses.push(Use {
                path: [prefix.as_slice(), std::slice::from_ref(&name)].concat(),
                name,
                is_public,
            });
        }
        syn::UseTree::Rename(item) => uses.push(Use {
            path: [prefix.as_slice(), &[item.ident.to_string()]].concat(),
            name: item.rename.to_string(),
            is_public,
        }),
        syn::UseTree::Glob(_) => {
            uses.push(Use { path: prefix.clone(), name: "*".into(), is_public });
        }
    }
}

/// The circles, each as lines that say who imports whom.
fn circles(imports: &BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>) -> Vec<Vec<String>> {
    let reachable: BTreeMap<_, _> =
        imports.keys().map(|module| (module, reachable(imports, module))).collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for (&module, from) in &reachable {
        let is_member = |other: &Module| {
            from.contains(other) && reachable.get(other).is_some_and(|of| of.contains(module))
        };
        if !is_member(module) || !seen.insert(module) {
            continue;
        }
        let members: Vec<_> = imports.keys().filter(|other| is_member(other)).collect();
        seen.extend(&members);
        let mut lines = Vec::new();
        for from in &members {
            for (to, names) in imports[*from].iter().filter(|(to, _)| members.contains(to)) {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                lines.push(format!(
                    "{} imports {}: {}",
                    from.join("/"),
                    to.join("/"),
                    names.join(", ")
                ));
            }
        }
        circles.push(lines);
    }
    circles
}

/// Every file that one leads to, itself only by a circle.
fn reachable<'a>(
    imports: &'a BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>,
    from: &'a Module,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(module) = waiting.pop() {
        for to in imports.get(module).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to) {
                waiting.push(to);
            }
        }
    }
    reached
}

/// The module that a file is, by its path below `src/`.
fn module(path: &Path) -> Module {
    let path = path.with_extension("");
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.filter(|part| part != "mod" && part != "lib").collect()
}

/// Where there still are circles: the browser's half.
const NOT_YET: &[&str] = &["web", "ui"];

/// How often a name may be passed on. More is a name that leads to itself.
const DEEPEST: usize = 8;
