//! Numbers as a person reads them.

/// A count with its digits in groups of three: `12,345`. Chinese and English
/// agree on that. Identifiers, ports and levels are names, and not for this.
pub fn grouped(count: impl TryInto<u64>) -> String {
    // What does not fit into 64 bits is no count of anything held here.
    let digits = count.try_into().unwrap_or(u64::MAX).to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
