//! Which top-level modules of a crate use which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, ItemUse, Macro, UseTree, VisRestricted};

/// For each top-level module, the ones that it uses, each with a file that does.
pub type Graph = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// Reads the modules of the crate whose root file is `root`, without what only its tests compile.
///
/// An edge is a path that begins with `crate` or that `super` leads to the crate's root, whether in a `use`, in code or in the
/// arguments of a macro. A name that the root re-exports counts for the module it comes from.
///
/// # Panics
/// If a file cannot be read or is not Rust.
pub fn read_crate(root: &Path) -> Graph {
    let file = parse(root);
    let tops = file.items.iter().filter_map(module).map(|module| module.ident.to_string()).collect();
    let mut crates =
        Reader { tops, homes: BTreeMap::new(), graph: Graph::new(), at: Vec::new(), path: root.to_path_buf() };
    for item in &file.items {
        if let Item::Use(item) = item {
            crates.note_homes(&item.tree, &mut Vec::new());
        }
    }
    let parent = root.parent().unwrap_or(Path::new("."));
    crates.read_modules(&file, parent);
    crates.graph
}

fn parse(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The module that `item` declares, unless only tests compile it.
fn module(item: &Item) -> Option<&ItemMod> {
    match item {
        Item::Mod(module) if !is_for_tests(&module.attrs) => Some(module),
        _ => None,
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

struct Reader {
    tops: BTreeSet<String>,
    /// Where the names come from that the root re-exports.
    homes: BTreeMap<String, String>,
    graph: Graph,
    /// The module being read, from the root.
    at: Vec<String>,
    path: PathBuf,
}

impl Reader {
    fn note_homes(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                if step.ident != "crate" && step.ident != "self" {
                    path.push(step.ident.to_string());
                    self.note_homes(&step.tree, path);
                    path.pop();
                } else {
                    self.note_homes(&step.tree, path);
                }
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_homes(tree, path)),
            UseTree::Name(name) => self.note_home(&name.ident.to_string(), path),
            UseTree::Rename(name) => self.note_home(&name.rename.to_string(), path),
            UseTree::Glob(_) => {}
        }
    }

    fn note_home(&mut self, name: &str, path: &[String]) {
        if let Some(top) = path.first().filter(|top| self.tops.contains(*top)) {
            self.homes.insert(name.to_owned(), top.clone());
        }
    }

    /// Reads the modules that `file` declares, which lie in `folder`.
    fn read_modules(&mut self, file: &File, folder: &Path) {
        for item in file.items.iter().filter_map(module) {
            self.at.push(item.ident.to_string());
            if let Some((_, items)) = &item.content {
                for item in items {
                    self.visit_item(item);
                }
            } else {
                self.read_file(&item.ident.to_string(), folder);
            }
            self.at.pop();
        }
    }

    fn read_file(&mut self, name: &str, folder: &Path) {
        let flat = folder.join(format!("{name}.rs"));
        let below = folder.join(name);
        let path = if flat.exists() { flat } else { below.join("mod.rs") };
        let file = parse(&path);
        let before = std::mem::replace(&mut self.path, path);
        for item in &file.items {
            if module(item).is_none() && !matches!(item, Item::Mod(_)) {
                self.visit_item(item);
            }
        }
        self.read_modules(&file, &below);
        self.path = before;
    }

    /// Notes that the module being read uses what `segments` lead to.
    fn uses(&mut self, segments: &[String]) {
        let mut at = self.at.clone();
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate") => {
                at.clear();
                rest = rest.get(1..).unwrap_or_default();
            }
            Some("self" | "super") => {
                while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
                    if first == "super" {
                        at.pop();
                    }
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
            _ => return,
        }
        // Below the root, the path stays within its own top-level module.
        let (true, Some(name)) = (at.is_empty(), rest.first()) else { return };
        let top = if self.tops.contains(name) { name } else { self.homes.get(name).unwrap_or(name) };
        let Some(own) = self.at.first() else { return };
        if own != top && self.tops.contains(top) {
            let uses = self.graph.entry(own.clone()).or_default();
            uses.entry(top.clone()).or_insert_with(|| self.path.clone());
        }
    }

    fn uses_tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.uses_tree(&step.tree, path);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.uses_tree(tree, path)),
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.uses(path);
                path.pop();
            }
            UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.uses(path);
                path.pop();
            }
            UseTree::Glob(_) => self.uses(path),
        }
    }

    /// Finds paths among the arguments of a macro, which are not syntax yet.
    fn uses_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => {
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' && !path.is_empty() => colons += 1,
                other => {
                    self.uses(&path);
                    path.clear();
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.uses_tokens(group.stream()),
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        _ => {}
                    }
                }
            }
        }
        self.uses(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_for_tests(&item.attrs) {
            self.at.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.at.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.uses_tree(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.uses(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.uses_tokens(call.tokens.clone());
    }

    /// Skips visibilities: a path in one names who may see the item, not what the item uses.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}
