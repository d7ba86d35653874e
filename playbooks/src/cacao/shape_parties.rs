//! The forms of agents and targets.

use super::shape::Key::{Is, Of, Plain};
use super::shape::Shape;
use super::shape::Shape::{Both, Fields, Id, Ipv4, Ipv6, Keyed, List, Mac, Text, Url, Whole, Word};
use super::shape_table::{EXTENSIONS, TEXTS};

const ADDRESS: Shape = Keyed(
    &[
        (Is("url"), &List(&Url, 0)),
        (Is("l2mac"), &List(&Mac, 0)),
        (Is("ipv4"), &List(&Ipv4, 0)),
        (Is("ipv6"), &List(&Ipv6, 0)),
        (Is("vlan"), &List(&Whole(0, 4095), 0)),
        (Is("dname"), &List(&Text, 0)),
    ],
    0,
);

const CONTACT: Shape = Fields(
    &[("email", Keyed(&[(Plain, &Text)], 0)), ("phone", Keyed(&[(Plain, &Text)], 0)), ("contact_details", Text)],
    &[],
);

const LOCATION: Shape = Fields(
    &[
        ("name", Text),
        ("description", Text),
        ("building_details", Text),
        ("network_details", Text),
        ("region", Word(&REGIONS)),
        ("country", Text),
        ("administrative_area", Text),
        ("city", Text),
        ("street_address", Text),
        ("postal_code", Text),
        ("latitude", Text),
        ("longitude", Text),
        ("precision", Text),
    ],
    &[],
);

const REGIONS: [&str; 29] = [
    "africa",
    "eastern-africa",
    "middle-africa",
    "northern-africa",
    "southern-africa",
    "western-africa",
    "americas",
    "caribbean",
    "central-america",
    "latin-america-caribbean",
    "northern-america",
    "south-america",
    "asia",
    "central-asia",
    "eastern-asia",
    "southern-asia",
    "south-eastern-asia",
    "western-asia",
    "europe",
    "eastern-europe",
    "northern-europe",
    "southern-europe",
    "western-europe",
    "oceania",
    "antarctica",
    "australia-new-zealand",
    "melanesia",
    "micronesia",
    "polynesia",
];

const PARTY: Shape = Fields(
    &[
        ("type", Text),
        ("name", Text),
        ("description", Text),
        ("location", LOCATION),
        ("agent_target_extensions", EXTENSIONS),
    ],
    &["type", "name"],
);

const ADDRESSED: Shape =
    Fields(&[("address", ADDRESS), ("port", Text), ("authentication_info", Id), ("category", TEXTS)], &["address"]);
/// The published form of this kind says nothing about a port.
const WITHOUT_PORT: Shape =
    Fields(&[("address", ADDRESS), ("authentication_info", Id), ("category", TEXTS)], &["address"]);

pub(super) const PARTIES: Shape = Keyed(
    &[
        (Of("group"), &Both(&PARTY, &Fields(&[("type", Word(&["group"])), ("contact", CONTACT)], &[]))),
        (Of("individual"), &Both(&PARTY, &Fields(&[("type", Word(&["individual"])), ("contact", CONTACT)], &[]))),
        (Of("organization"), &Both(&PARTY, &Fields(&[("type", Word(&["organization"])), ("contact", CONTACT)], &[]))),
        (Of("location"), &Both(&PARTY, &Fields(&[("type", Word(&["location"])), ("logical", TEXTS)], &[]))),
        (Of("sector"), &Both(&PARTY, &Fields(&[("type", Word(&["sector"])), ("sector", Text)], &["sector"]))),
        (
            Of("security-category"),
            &Both(&PARTY, &Fields(&[("type", Word(&["security-category"])), ("category", TEXTS)], &["category"])),
        ),
        (Of("http-api"), &Both(&PARTY, &Both(&ADDRESSED, &Fields(&[("type", Word(&["http-api"]))], &[])))),
        (Of("linux"), &Both(&PARTY, &Both(&ADDRESSED, &Fields(&[("type", Word(&["linux"]))], &[])))),
        (Of("ssh"), &Both(&PARTY, &Both(&ADDRESSED, &Fields(&[("type", Word(&["ssh"]))], &[])))),
        (Of("net-address"), &Both(&PARTY, &Both(&WITHOUT_PORT, &Fields(&[("type", Word(&["net-address"]))], &[])))),
    ],
    1,
);
