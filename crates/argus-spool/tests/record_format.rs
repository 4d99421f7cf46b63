//! The record format: what is written reads back, what is not whole or not ours is told apart, nothing panics.

use argus_spool::record::{self, Damage, HEAD_ROOM, Head, Variables, decode, encode_head, flags};
use argus_spool::xxh64::{Xxh64, xxh64};
use proptest::prelude::*;

fn encode(head: &Head<'_>, payload: &[u8]) -> Vec<u8> {
    let mut room = vec![0xAA; HEAD_ROOM];
    let start = encode_head(head, payload, &mut room).expect("fits");
    [&room[start..], payload].concat()
}

fn sample(payload: &[u8]) -> Vec<u8> {
    let variables =
        Variables { client_pid: Some(b"4711"), project_dir: Some(b"/home/dev/tour"), entrypoint: Some(b"cli") };
    let head = Head {
        pid: 7,
        seen_bytes: payload.len() as u64,
        seen_hash: xxh64(payload),
        started_at_ns: 1_795_358_421_097_617_410,
        boottime_ns: 5,
        variables,
        ..Head::default()
    };
    encode(&head, payload)
}

/// Values of the reference implementation.
#[test]
fn hash_is_the_published_xxh64() {
    assert_eq!(xxh64(b""), 0xEF46_DB37_51D8_E999);
    assert_eq!(xxh64(b"a"), 0xD24E_C4F1_A98C_6E5B);
    assert_eq!(xxh64(b"abc"), 0x44BC_2CF5_AD77_0999);
    assert_eq!(xxh64(b"Nobody inspects the spammish repetition"), 0xFBCE_A83C_8A37_8BF1);
    assert_eq!(xxh64(b"xxhash is a very fast non-cryptographic hash algorithm"), 0xDAC2_7D60_C54E_8C9D);
}

#[test]
fn layout_of_version_one_never_changes() {
    let bytes = sample(b"{}");
    let expected: &[u8] = b"argspl\n\x01";
    assert_eq!(&bytes[..8], expected);
    assert_eq!(bytes.len(), 64 + (2 + 4) + (2 + 14) + (2 + 3) + 2);
    assert_eq!(bytes[18..20], 91_u16.to_le_bytes(), "where the payload begins");
    assert_eq!(bytes[20..24], 7_u32.to_le_bytes(), "pid");
    assert_eq!(bytes[24..32], 2_u64.to_le_bytes(), "seen");
    assert_eq!(bytes[32..40], 2_u64.to_le_bytes(), "stored");
    assert_eq!(bytes[40..48], xxh64(b"{}").to_le_bytes(), "hash of the payload");
    assert_eq!(bytes[48..56], 1_795_358_421_097_617_410_u64.to_le_bytes(), "wall clock");
    assert_eq!(bytes[56..64], 5_u64.to_le_bytes(), "boot-time clock");
    assert_eq!(&bytes[64..], b"\x04\x004711\x0e\x00/home/dev/tour\x03\x00cli{}".as_slice());
    assert_eq!(bytes[8..16], xxh64(&bytes[16..]).to_le_bytes(), "checksum");
}

#[test]
fn no_prefix_of_a_record_is_a_record() {
    let bytes = sample(b"{\"hook_event_name\":\"Stop\"}");
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end]), Err(Damage::Incomplete), "cut at {end}");
    }
    assert!(decode(&bytes).is_ok());
}

#[test]
fn every_flipped_bit_and_every_further_byte_is_refused() {
    let whole = sample(b"{\"hook_event_name\":\"Stop\"}");
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&bytes).is_err(), "bit {bit}");
    }
    let joined = [whole.as_slice(), whole.as_slice()].concat();
    assert_eq!(decode(&joined), Err(Damage::Lengths));
}

#[test]
fn unknown_version_is_named() {
    let mut bytes = sample(b"{}");
    bytes[7] = 2;
    assert_eq!(decode(&bytes), Err(Damage::Version(2)));
}

#[test]
fn head_bytes_that_a_later_writer_adds_are_skipped() {
    let mut bytes = sample(b"{}");
    bytes.splice(91..91, *b"later");
    bytes[18..20].copy_from_slice(&96_u16.to_le_bytes());
    let checksum = xxh64(&bytes[16..]).to_le_bytes();
    bytes[8..16].copy_from_slice(&checksum);
    let (head, payload) = decode(&bytes).expect("readable");
    assert_eq!((head.variables.entrypoint, payload), (Some(b"cli".as_slice()), b"{}".as_slice()));
}

#[test]
fn variable_too_long_is_left_out_and_said_so() {
    let long = vec![b'x'; record::VARIABLE_BYTES + 1];
    let fits = &long[..record::VARIABLE_BYTES];
    let variables = Variables { client_pid: None, project_dir: Some(&long), entrypoint: Some(fits) };
    let bytes = encode(&Head { variables, ..Head::default() }, b"");
    let (head, _) = decode(&bytes).expect("readable");
    assert_eq!(head.variables, Variables { project_dir: None, ..variables });
    assert_eq!(head.flags, flags::VARIABLE_DROPPED);
}

#[test]
fn payload_beyond_the_limit_is_no_record() {
    let mut room = vec![0; HEAD_ROOM];
    assert_eq!(encode_head(&Head::default(), &vec![0; record::KEPT_BYTES + 1], &mut room), None);
}

fn variable() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200))
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(
        numbers in any::<(u16, u32, u64, u64, u64)>(),
        variables in (variable(), variable(), variable()),
        payload in proptest::collection::vec(any::<u8>(), 0..600),
        unseen in 0_u64..1 << 40,
    ) {
        let (flags, pid, seen_hash, started_at_ns, boottime_ns) = numbers;
        let variables = Variables {
            client_pid: variables.0.as_deref(), project_dir: variables.1.as_deref(), entrypoint: variables.2.as_deref(),
        };
        let seen_bytes = payload.len() as u64 + unseen;
        let head = Head { flags, pid, seen_bytes, seen_hash, started_at_ns, boottime_ns, variables };
        let bytes = encode(&head, &payload);
        prop_assert_eq!(decode(&bytes), Ok((head, payload.as_slice())));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_damaged_head_with_a_right_checksum_never_panics(
        damage in proptest::collection::vec((8_usize..130, any::<u8>()), 1..8),
    ) {
        let mut bytes = sample(b"{\"hook_event_name\":\"Stop\"}");
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let checksum = xxh64(&bytes[16..]).to_le_bytes();
        bytes[8..16].copy_from_slice(&checksum);
        let _ = decode(&bytes);
    }

    #[test]
    fn hash_does_not_depend_on_the_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        cuts in proptest::collection::vec(0_usize..300, 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut hash = Xxh64::default();
        for piece in cuts.windows(2) {
            hash.update(&bytes[piece[0]..piece[1]]);
        }
        prop_assert_eq!(hash.finish(), xxh64(&bytes));
    }
}
