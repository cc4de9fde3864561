use std::collections::BTreeMap;

use bytestring::ByteString;

use super::sessions::{Granted, SessionId};

/// The target of a matching subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subscriber {
    /// A subscription of its own.
    Session(SessionId),
    /// A shared one.
    Group(GroupId),
}

/// Names one shared subscription: a share name with a topic filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupId(u64);

/// The shared subscriptions (5.0, 4.8.2).
///
/// Each message goes to one member: to the one whose turn it is, or the next
/// that is connected and reads. While none does, it waits in the session of the
/// one whose turn it is. A message that a member refuses goes to no other
/// ([MQTT-4.8.2-6]). When the session of a member ends, what it has not taken
/// over goes to another, unless it was sent to it at QoS 2 ([MQTT-4.8.2-5];
/// 5.0, 4.8.2.1).
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    by_name: BTreeMap<(ByteString, ByteString), GroupId>,
    groups: BTreeMap<GroupId, Group>,
    next: u64,
}

#[derive(Clone, Debug, Default)]
struct Group {
    /// With `$share` and the share name.
    filter: ByteString,
    members: Vec<(SessionId, Granted)>,
    /// Whose turn it is; may point past the end.
    turn: usize,
}

/// The member that gets a message.
#[derive(Debug)]
pub(super) struct Choice {
    pub to: SessionId,
    pub granted: Granted,
    /// The whole topic filter.
    pub filter: ByteString,
}

impl Groups {
    /// The group with this share name and topic filter.
    pub fn of(&self, name: &str, filter: &str) -> Option<GroupId> {
        self.by_name.get(&(ByteString::from(name), ByteString::from(filter))).copied()
    }

    /// Adds a member, or replaces what was granted to it. True if the group
    /// is new.
    pub fn join(
        &mut self,
        name: &str,
        filter: &str,
        session: SessionId,
        granted: Granted,
    ) -> (GroupId, bool) {
        let key = (ByteString::from(name), ByteString::from(filter));
        let (id, new) = match self.by_name.get(&key) {
            Some(&id) => (id, false),
            None => {
                let id = GroupId(self.next);
                self.next += 1;
                self.by_name.insert(key, id);
                (id, true)
            }
        };
        let group = self.groups.entry(id).or_default();
        if new {
            group.filter = format!("$share/{name}/{filter}").into();
        }
        let members = &mut group.members;
        match members.iter_mut().find(|(member, _)| *member == session) {
            Some((_, old)) => *old = granted,
            None => members.push((session, granted)),
        }
        (id, new)
    }

    /// Removes a member. Returns the group if that was its last.
    pub fn leave(&mut self, name: &str, filter: &str, session: SessionId) -> Option<GroupId> {
        let key = (ByteString::from(name), ByteString::from(filter));
        let id = *self.by_name.get(&key)?;
        let group = self.groups.get_mut(&id)?;
        let place = group.members.iter().position(|(member, _)| *member == session)?;
        group.members.remove(place);
        if place < group.turn {
            group.turn -= 1;
        }
        if !group.members.is_empty() {
            return None;
        }
        self.groups.remove(&id);
        self.by_name.remove(&key);
        Some(id)
    }

    /// The member that gets the next message.
    pub fn choose(&mut self, id: GroupId, is_ready: impl Fn(SessionId) -> bool) -> Option<Choice> {
        let group = self.groups.get_mut(&id)?;
        let count = group.members.len();
        let turn = if group.turn < count { group.turn } else { 0 };
        let mut order = (turn..count).chain(0..turn);
        let chosen = order.find(|&place| is_ready(group.members[place].0)).unwrap_or(turn);
        group.turn = chosen + 1;
        let (to, granted) = group.members.get(chosen).copied()?;
        Some(Choice { to, granted, filter: group.filter.clone() })
    }
}
