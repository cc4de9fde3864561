use super::Limits;

/// What clients make the broker keep, in bytes of memory, and how much it may
/// be. Everything that is kept has a [`Charge`] on one of three accounts, and
/// no sum is kept anywhere else.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    accounts: [Balance; 3],
}

/// What is charged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// Limited by [`Limits::connection_bytes`].
    Connections,
    /// Limited by [`Limits::total_session_bytes`].
    Sessions,
    /// Limited by [`Limits::retained_bytes`].
    Retained,
}

/// What one thing that is kept was charged with. Only [`Budget`] changes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Charge(usize);

/// Bytes of memory that clients make the broker keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Counts against [`Limits::connection_bytes`].
    pub connections: usize,
    /// Counts against [`Limits::total_session_bytes`].
    pub sessions: usize,
    /// Counts against [`Limits::retained_bytes`].
    pub retained: usize,
}

#[derive(Clone, Copy, Debug)]
struct Balance {
    used: usize,
    limit: usize,
}

impl Budget {
    /// Nothing is used.
    pub fn new(limits: &Limits) -> Self {
        let limits = [limits.connection_bytes, limits.total_session_bytes, limits.retained_bytes];
        Budget { accounts: limits.map(|limit| Balance { used: 0, limit }) }
    }

    /// Charges something with so many bytes, in the place of what it was
    /// charged with before.
    pub fn set(&mut self, account: Account, charge: &mut Charge, bytes: usize) {
        let balance = &mut self.accounts[account as usize];
        balance.used = balance.used.saturating_sub(charge.0).saturating_add(bytes);
        charge.0 = bytes;
    }

    /// How many more bytes may be charged.
    pub fn room(&self, account: Account) -> usize {
        let Balance { used, limit } = self.accounts[account as usize];
        limit.saturating_sub(used)
    }

    /// Whether more is charged than may be.
    pub fn is_exceeded(&self, account: Account) -> bool {
        let Balance { used, limit } = self.accounts[account as usize];
        used > limit
    }

    /// All that is charged.
    pub fn usage(&self) -> Usage {
        let used = |account| self.accounts[account as usize].used;
        Usage {
            connections: used(Account::Connections),
            sessions: used(Account::Sessions),
            retained: used(Account::Retained),
        }
    }
}

impl Charge {
    /// How many bytes.
    pub fn bytes(&self) -> usize {
        self.0
    }
}
