//! The networks that an address belongs to. Limits by address count in each of them: whoever has a network has all addresses
//! in it.

use std::net::IpAddr;

use ipnet::IpNet;

/// How many networks of different size are counted in.
pub(crate) const LEVELS: usize = 3;

/// Lengths of prefixes, the longest first.
///
/// IPv6: a customer has a /64 at least, many providers give a /56, and a /48 is what a site or a cheap tunnel gets. IPv4: an
/// address can stand for an office or for a carrier's many, and networks from /24 on are many customers.
const V6: [u8; LEVELS] = [64, 56, 48];
const V4: [u8; LEVELS] = [32, 24, 16];
/// How many times the limit of one customer the networks of those sizes are allowed.
pub(crate) const V6_TIMES: [u32; LEVELS] = [1, 4, 16];
/// As [`V6_TIMES`].
pub(crate) const V4_TIMES: [u32; LEVELS] = [1, 8, 64];

/// The networks of an address, the smallest first.
pub(crate) fn networks_of(address: IpAddr) -> [IpNet; LEVELS] {
    let address = address.to_canonical();
    let lengths = if address.is_ipv4() { V4 } else { V6 };
    lengths.map(|length| within(address, length))
}

/// The network of a customer: what failures are counted by.
pub(crate) fn customer(address: IpAddr) -> IpNet {
    let [network, ..] = networks_of(address);
    network
}

/// The network that one waits in line with: that of a site for IPv6, the smallest that is routed by itself for IPv4.
pub(crate) fn line(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    within(address, if address.is_ipv4() { 24 } else { 48 })
}

fn within(address: IpAddr, length: u8) -> IpNet {
    IpNet::new(address, length).map_or_else(|_| IpNet::from(address), |network| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_networks_of_three_sizes() {
        for (address, networks, in_line) in [
            ("2001:db8:1:203::1", ["2001:db8:1:203::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"], "2001:db8:1::/48"),
            ("192.0.2.9", ["192.0.2.9/32", "192.0.2.0/24", "192.0.0.0/16"], "192.0.2.0/24"),
            ("::ffff:192.0.2.9", ["192.0.2.9/32", "192.0.2.0/24", "192.0.0.0/16"], "192.0.2.0/24"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(networks_of(address).map(|network| network.to_string()), networks);
            assert_eq!(
                (customer(address).to_string(), line(address).to_string()),
                (networks[0].into(), in_line.into())
            );
        }
    }
}
