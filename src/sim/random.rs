/// A small seeded generator: SplitMix64 (Steele, Lea, Flood 2014). The
/// network's only source of chance, so that the same seed gives the same run.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// A generator of its own for each `stream` of one seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Random(seed ^ stream.wrapping_mul(STEP));
        // Neighboring streams part after one step.
        random.next();
        random
    }

    /// A number from 1 to `highest`, which is at least 1. The bias is far
    /// below what anybody could see.
    pub fn up_to(&mut self, highest: u64) -> u64 {
        self.next() % highest.max(1) + 1
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
