//! XXH64 with seed 0, in pieces: the records' checksum and the payloads' hash.
//!
//! Chosen because a hook must hash 200 MB within a tool call's patience, and because any language has it: the hash of a
//! payload can be checked with `xxhsum -H64`. It is not cryptographic: it finds damage, it does not prove who wrote.
//! Like `record.rs` this file is shared by source with `argus-hook`: `core` only.

const PRIMES: [u64; 5] =
    [0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63, 0x27D4_EB2F_1656_67C5];

/// XXH64 with seed 0, fed in pieces. Not cryptographic: it finds damage, it does not prove who wrote.
pub struct Xxh64 {
    lanes: [u64; 4],
    tail: [u8; 32],
    seen: u64,
}

impl Default for Xxh64 {
    fn default() -> Self {
        let lanes = [PRIMES[0].wrapping_add(PRIMES[1]), PRIMES[1], 0, 0u64.wrapping_sub(PRIMES[0])];
        Self { lanes, tail: [0; 32], seen: 0 }
    }
}

impl Xxh64 {
    /// Adds bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        let waiting = (self.seen % 32) as usize;
        self.seen += bytes.len() as u64;
        if waiting > 0 {
            let wanted = bytes.len().min(32 - waiting);
            let (first, rest) = bytes.split_at(wanted);
            self.tail[waiting..waiting + wanted].copy_from_slice(first);
            if waiting + wanted < 32 {
                return;
            }
            let tail = self.tail;
            self.stripe(&tail);
            bytes = rest;
        }
        let (stripes, rest) = bytes.as_chunks::<32>();
        for stripe in stripes {
            self.stripe(stripe);
        }
        self.tail[..rest.len()].copy_from_slice(rest);
    }

    #[inline]
    fn stripe(&mut self, stripe: &[u8; 32]) {
        let (words, _) = stripe.as_chunks::<8>();
        for (lane, word) in self.lanes.iter_mut().zip(words) {
            *lane = round(*lane, u64::from_le_bytes(*word));
        }
    }

    /// The hash of all bytes added.
    pub fn finish(&self) -> u64 {
        let mut hash = if self.seen >= 32 {
            let [a, b, c, d] = self.lanes;
            let folded = (a.rotate_left(1).wrapping_add(b.rotate_left(7)))
                .wrapping_add(c.rotate_left(12).wrapping_add(d.rotate_left(18)));
            self.lanes
                .iter()
                .fold(folded, |hash, &lane| (hash ^ round(0, lane)).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]))
        } else {
            PRIMES[4]
        };
        hash = hash.wrapping_add(self.seen);
        let (words, rest) = self.tail[..(self.seen % 32) as usize].as_chunks::<8>();
        for word in words {
            hash ^= round(0, u64::from_le_bytes(*word));
            hash = hash.rotate_left(27).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]);
        }
        let (halves, bytes) = rest.as_chunks::<4>();
        for half in halves {
            hash ^= u64::from(u32::from_le_bytes(*half)).wrapping_mul(PRIMES[0]);
            hash = hash.rotate_left(23).wrapping_mul(PRIMES[1]).wrapping_add(PRIMES[2]);
        }
        for &byte in bytes {
            hash = (hash ^ u64::from(byte).wrapping_mul(PRIMES[4])).rotate_left(11).wrapping_mul(PRIMES[0]);
        }
        hash = (hash ^ (hash >> 33)).wrapping_mul(PRIMES[1]);
        hash = (hash ^ (hash >> 29)).wrapping_mul(PRIMES[2]);
        hash ^ (hash >> 32)
    }
}

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0])
}

/// XXH64 with seed 0 of a slice.
pub fn xxh64(bytes: &[u8]) -> u64 {
    let mut hash = Xxh64::default();
    hash.update(bytes);
    hash.finish()
}
