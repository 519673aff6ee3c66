//! The networks that an address belongs to. Limits by address apply to each of them, because the owner of a network has
//! all addresses in it.

use std::net::IpAddr;

use ipnet::IpNet;

/// The number of network sizes.
pub(crate) const LEVELS: usize = 3;

/// Prefix lengths, longest first.
///
/// With IPv6, a customer has at least a /64, many providers assign a /56, and a site or a cheap tunnel gets a /48. With
/// IPv4, an address can stand for an office or a carrier's many customers, and networks from /24 on are many customers.
const V6: [u8; LEVELS] = [64, 56, 48];
const V4: [u8; LEVELS] = [32, 24, 16];
/// The multiples of a customer's limit that networks of these sizes are allowed.
pub(crate) const V6_TIMES: [u32; LEVELS] = [1, 4, 16];
/// See [`V6_TIMES`].
pub(crate) const V4_TIMES: [u32; LEVELS] = [1, 8, 64];

/// Returns the networks of an address, smallest first.
pub(crate) fn networks_of(address: IpAddr) -> [IpNet; LEVELS] {
    let address = address.to_canonical();
    let lengths = if address.is_ipv4() { V4 } else { V6 };
    lengths.map(|length| within(address, length))
}

/// Returns the network of a customer, by which failures are counted.
pub(crate) fn customer(address: IpAddr) -> IpNet {
    let [network, ..] = networks_of(address);
    network
}

/// Returns the network that queues together: a site with IPv6, the smallest routed network with IPv4.
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
