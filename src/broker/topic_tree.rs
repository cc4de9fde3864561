use std::collections::HashMap;
use std::hash::{BuildHasher, DefaultHasher, Hasher};

/// Values by topic filter, found by topic name.
///
/// One node for each level that filters have in common. A name is looked up
/// level by level, so the cost depends on the depth of the name and on what
/// matches it, and not on how many filters there are besides. Nothing here
/// recurses: a topic of 65,535 slashes is long, and no more than that.
///
/// The levels of a node are found by a hash that is keyed with a seed, so that
/// nobody who does not know the seed can make them collide. Their order is
/// never used: equal trees answer in equal order.
#[derive(Clone, Debug)]
pub struct TopicTree<K, V> {
    /// Where `nodes[0]` is the root. Free ones are empty.
    nodes: Vec<Node<K, V>>,
    free: Vec<NodeId>,
    hash: Seeded,
    len: usize,
}

/// An index into `nodes`.
type NodeId = u32;

#[derive(Clone, Debug)]
struct Node<K, V> {
    /// The next level, if it is an ordinary one.
    children: HashMap<Box<str>, NodeId, Seeded>,
    /// The next level `+`.
    plus: Option<NodeId>,
    /// The next level `#`.
    hash: Option<NodeId>,
    /// The values of the filter that ends here, by key.
    values: Vec<(K, V)>,
}

#[derive(Clone, Copy, Debug)]
struct Seeded(u64);

impl<K: Ord, V> TopicTree<K, V> {
    /// An empty tree. `seed` is best not known to clients.
    pub fn new(seed: u64) -> Self {
        let hash = Seeded(seed);
        TopicTree { nodes: vec![Node::new(hash)], free: Vec::new(), hash, len: 0 }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a value under a filter, which the caller has validated. Returns
    /// the value that was there under the same filter and key.
    pub fn insert(&mut self, filter: &str, key: K, value: V) -> Option<V> {
        let node = filter.split('/').fold(ROOT, |node, level| self.child_or_new(node, level));
        let values = &mut self.nodes[node as usize].values;
        match values.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(place) => Some(std::mem::replace(&mut values[place].1, value)),
            Err(place) => {
                values.insert(place, (key, value));
                self.len += 1;
                None
            }
        }
    }

    /// Takes out the value of this filter and key.
    pub fn remove(&mut self, filter: &str, key: &K) -> Option<V> {
        let mut path = vec![ROOT];
        let mut node = ROOT;
        for level in filter.split('/') {
            node = self.nodes[node as usize].child(level)?;
            path.push(node);
        }
        let values = &mut self.nodes[node as usize].values;
        let place = values.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
        let (_, value) = values.remove(place);
        self.len -= 1;
        self.prune(&path, filter);
        Some(value)
    }

    /// Calls `visit` for every value whose filter matches the name
    /// ([MQTT-4.7.2-1], 4.7.1). The order depends on name and filters alone.
    pub fn matches<'a>(&'a self, name: &str, mut visit: impl FnMut(&'a K, &'a V)) {
        self.any_match(name, |key, value| {
            visit(key, value);
            false
        });
    }

    /// Whether `is_wanted` says so of any value whose filter matches the name.
    /// It is not asked again after that.
    pub fn any_match<'a>(
        &'a self,
        name: &str,
        mut is_wanted: impl FnMut(&'a K, &'a V) -> bool,
    ) -> bool {
        let mut any =
            |node: &'a Node<K, V>| node.values.iter().any(|(key, value)| is_wanted(key, value));
        let levels: Vec<_> = name.split('/').collect();
        let mut open = vec![(ROOT, 0)];
        while let Some((node, depth)) = open.pop() {
            let node = &self.nodes[node as usize];
            let wildcards = depth > 0 || !name.starts_with('$');
            // `a/#` matches `a` too: it includes the parent level (4.7.1.2).
            if let (Some(hash), true) = (node.hash, wildcards)
                && any(&self.nodes[hash as usize])
            {
                return true;
            }
            let Some(level) = levels.get(depth) else {
                if any(node) {
                    return true;
                }
                continue;
            };
            if let (Some(plus), true) = (node.plus, wildcards) {
                open.push((plus, depth + 1));
            }
            if let Some(child) = node.children.get(*level) {
                open.push((*child, depth + 1));
            }
        }
        false
    }

    fn child_or_new(&mut self, parent: NodeId, level: &str) -> NodeId {
        if let Some(child) = self.nodes[parent as usize].child(level) {
            return child;
        }
        let child = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Node::new(self.hash));
            // More nodes than this do not fit into memory.
            (self.nodes.len() - 1) as NodeId
        });
        let node = &mut self.nodes[parent as usize];
        match level {
            "+" => node.plus = Some(child),
            "#" => node.hash = Some(child),
            _ => drop(node.children.insert(level.into(), child)),
        }
        child
    }

    /// Frees the nodes at the end of `path` that nothing needs anymore.
    fn prune(&mut self, path: &[NodeId], filter: &str) {
        for (edge, level) in path.windows(2).rev().zip(filter.rsplit('/')) {
            let (parent, child) = (edge[0], edge[1]);
            if !self.nodes[child as usize].is_empty() {
                return;
            }
            // Its room goes too: it may have had many children once.
            self.nodes[child as usize] = Node::new(self.hash);
            self.free.push(child);
            let node = &mut self.nodes[parent as usize];
            match level {
                "+" => node.plus = None,
                "#" => node.hash = None,
                _ => drop(node.children.remove(level)),
            }
        }
    }
}

impl<K, V> Node<K, V> {
    fn new(hash: Seeded) -> Self {
        Node { children: HashMap::with_hasher(hash), plus: None, hash: None, values: Vec::new() }
    }

    fn child(&self, level: &str) -> Option<NodeId> {
        match level {
            "+" => self.plus,
            "#" => self.hash,
            _ => self.children.get(level).copied(),
        }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.children.is_empty()
            && self.plus.is_none()
            && self.hash.is_none()
    }
}

impl BuildHasher for Seeded {
    type Hasher = DefaultHasher;

    /// The standard hash with its fixed key, which then takes in the seed.
    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

const ROOT: NodeId = 0;
