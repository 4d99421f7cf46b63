//! Which addresses are of the public internet.
//!
//! By what is assigned, not by what is known to be bad: of IPv6 only the global range, and of both no range that IANA
//! reserves. An IPv4 address within an IPv6 one counts as what it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// True for an address that leads to the public internet, and nowhere else.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Reserved blocks: the first address, and how many bits are fixed.
const RESERVED_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 3),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !RESERVED_V4.iter().any(|(first, fixed)| (bits ^ u32::from(Ipv4Addr::from(*first))) >> (32 - fixed) == 0)
}

/// Blocks of the global range that are no hosts of it.
const RESERVED_V6: [([u16; 3], u32); 5] = [
    // Teredo, benchmarks, ORCHID and whatever else the protocols need: 2001::/23.
    ([0x2001, 0, 0], 23),
    // Examples.
    ([0x2001, 0xdb8, 0], 32),
    // IPv4 in it, by way of relays that are no longer.
    ([0x2002, 0, 0], 16),
    // Examples, again.
    ([0x3fff, 0, 0], 20),
    // AS112.
    ([0x2620, 0x4f, 0x8000], 48),
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    // ::ffff:a.b.c.d, and 64:ff9b::a.b.c.d, lead to IPv4.
    let [a, b, c, d, e, f, ..] = address.segments();
    let last = Ipv4Addr::from(u32::from_be_bytes(address.octets()[12..].try_into().unwrap_or([0; 4])));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => return is_public_v4(last),
        _ => {}
    }
    let bits = u128::from(address) >> 80;
    let is_in = |(first, fixed): &([u16; 3], u32)| {
        let first = first.iter().fold(0_u128, |bits, part| bits << 16 | u128::from(*part));
        (bits ^ first) >> (48 - fixed) == 0
    };
    a & 0xe000 == 0x2000 && !RESERVED_V6.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for (text, expected) in [
            ("1.1.1.1", true),
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.255.255.255", false),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.168.1.1", false),
            ("198.19.0.1", false),
            ("198.51.100.7", false),
            ("203.0.113.9", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("2a00:1450::1", true),
            ("::ffff:8.8.8.8", true),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::127.0.0.1", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:10::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
            ("5f00::1", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), expected, "{text}");
        }
    }
}
