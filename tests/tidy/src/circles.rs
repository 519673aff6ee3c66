//! Circles in a graph.

use std::collections::BTreeSet;

use crate::modules::Graph;

/// The groups of modules each of which reaches all others of its group, sorted; none when the graph has no circle.
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reached = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut next = vec![from.to_owned()];
        while let Some(module) = next.pop() {
            for used in graph.get(&module).into_iter().flat_map(|uses| uses.keys()) {
                if reached.insert(used.clone()) {
                    next.push(used.clone());
                }
            }
        }
        reached
    };
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for module in graph.keys() {
        let there = reached(module);
        if there.contains(module) {
            found.insert(there.into_iter().filter(|other| reached(other).contains(module)).collect());
        }
    }
    found.into_iter().collect()
}
