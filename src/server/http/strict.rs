//! JSON with only one interpretation: structures are objects, and keys are unique.
//!
//! serde also reads a structure from an array of its fields, and a map with a duplicate key as one with the last value. Either
//! could move money that nobody requested in these words. This deserializer refuses both at every depth: it reads a structure
//! only from an object, an array only where the type is a list, and rejects duplicate keys in maps, too.
//!
//! For an enum whose variant is named by a field (`#[serde(tag)]`), serde buffers the other fields until it knows the variant,
//! and then reads them itself. Lists among them are accepted, so such a variant must not contain a structure. A test that sends
//! arrays to every operation of the API ensures that.

use std::collections::HashSet;
use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

/// Reads JSON strictly.
///
/// # Errors
/// Invalid JSON, or JSON that does not match `T`.
pub(crate) fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Strict::new(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// A deserializer that is strict at every depth.
pub(super) struct Strict<D> {
    inner: D,
    /// Whether the value is buffered, without a type to check it against.
    kept: bool,
}

impl<D> Strict<D> {
    pub(super) const fn new(inner: D) -> Strict<D> {
        Strict { inner, kept: false }
    }
}

/// What a value can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Anything except an array: the type is a scalar, depends on the value, or is known further inside.
    Plain,
    /// An object whose keys the type checks.
    Fields,
    /// An object whose keys are checked here.
    Keys,
    /// An array.
    Items,
    /// An object with a field that names its type. Its values are buffered until the type is known.
    Tagged,
    /// Any value, to be buffered.
    Kept,
}

/// A visitor that passes on what is strict.
struct Watched<V> {
    visitor: V,
    wanted: Wanted,
}

macro_rules! hand_on {
    ($($method:ident: $wanted:ident),* $(,)?) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
                self.inner.$method(Watched { visitor, wanted: Wanted::$wanted })
            }
        )*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let wanted = if self.kept { Wanted::Kept } else { Wanted::Tagged };
        self.inner.deserialize_any(Watched { visitor, wanted })
    }

    hand_on! {
        deserialize_bool: Plain, deserialize_i8: Plain, deserialize_i16: Plain, deserialize_i32: Plain,
        deserialize_i64: Plain, deserialize_i128: Plain, deserialize_u8: Plain, deserialize_u16: Plain,
        deserialize_u32: Plain, deserialize_u64: Plain, deserialize_u128: Plain, deserialize_f32: Plain,
        deserialize_f64: Plain, deserialize_char: Plain, deserialize_str: Plain, deserialize_string: Plain,
        deserialize_bytes: Plain, deserialize_byte_buf: Plain, deserialize_unit: Plain, deserialize_identifier: Plain,
        deserialize_ignored_any: Kept, deserialize_option: Plain, deserialize_seq: Items, deserialize_map: Keys,
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_unit_struct(name, Watched { visitor, wanted: Wanted::Plain })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_newtype_struct(name, Watched { visitor, wanted: Wanted::Plain })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_tuple(length, Watched { visitor, wanted: Wanted::Items })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_tuple_struct(name, length, Watched { visitor, wanted: Wanted::Items })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // For a structure, serde_json would accept an array.
        self.inner.deserialize_map(Watched { visitor, wanted: Wanted::Fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, Watched { visitor, wanted: Wanted::Plain })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(
            fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
                self.visitor.$method(value)
            }
        )*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    visit! {
        visit_bool(bool), visit_i8(i8), visit_i16(i16), visit_i32(i32), visit_i64(i64), visit_i128(i128), visit_u8(u8),
        visit_u16(u16), visit_u32(u32), visit_u64(u64), visit_u128(u128), visit_f32(f32), visit_f64(f64),
        visit_char(char), visit_str(&str), visit_borrowed_str(&'de str), visit_string(String), visit_bytes(&[u8]),
        visit_borrowed_bytes(&'de [u8]), visit_byte_buf(Vec<u8>),
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict::new(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict::new(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        match self.wanted {
            Wanted::Items | Wanted::Kept => self.visitor.visit_seq(Items { items, kept: self.wanted == Wanted::Kept }),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        let seen = (self.wanted != Wanted::Fields).then(HashSet::new);
        let kept = matches!(self.wanted, Wanted::Tagged | Wanted::Kept);
        self.visitor.visit_map(Fields { fields, seen, kept })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Variant(variant))
    }
}

/// A seed whose value is read strictly.
struct Seed<S> {
    seed: S,
    kept: bool,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Strict { inner, kept: self.kept })
    }
}

struct Items<A> {
    items: A,
    kept: bool,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.items.next_element_seed(Seed { seed, kept: self.kept })
    }

    fn size_hint(&self) -> Option<usize> {
        self.items.size_hint()
    }
}

struct Fields<A> {
    fields: A,
    /// The keys so far, if the type does not check them.
    seen: Option<HashSet<String>>,
    kept: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(seen) = &mut self.seen else { return self.fields.next_key_seed(seed) };
        let Some(key) = self.fields.next_key::<String>()? else { return Ok(None) };
        if !seen.insert(key.clone()) {
            return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
        }
        let key: StringDeserializer<A::Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.fields.next_value_seed(Seed { seed, kept: self.kept })
    }

    fn size_hint(&self) -> Option<usize> {
        self.fields.size_hint()
    }
}

/// A variant with its content.
struct Variant<A>(A);

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Variant<A> {
    type Error = A::Error;
    type Variant = Variant<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, content) = self.0.variant_seed(seed)?;
        Ok((name, Variant(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Variant<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Seed { seed, kept: false })
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Watched { visitor, wanted: Wanted::Items })
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        // As for a structure: for a variant with fields, serde_json would accept an array.
        self.0.newtype_variant_seed(Fielded(visitor))
    }
}

/// Reads the fields of a variant.
struct Fielded<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Fielded<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        Strict::new(inner).deserialize_struct("", &[], self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Eq, serde::Deserialize)]
    struct Inner {
        from: String,
        amount: u64,
    }

    #[derive(Debug, PartialEq, Eq, serde::Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Tagged {
        Pay { to: String },
        Plan { days: Vec<String> },
    }

    #[derive(Debug, PartialEq, Eq, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Plain {
        Nothing,
        One(Inner),
        Fields { a: u8, b: u8 },
    }

    #[derive(Debug, PartialEq, Eq, serde::Deserialize)]
    struct Outer {
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        list: Vec<Inner>,
        #[serde(default)]
        map: BTreeMap<String, Inner>,
        #[serde(default)]
        texts: BTreeMap<String, String>,
        #[serde(default)]
        tagged: Vec<Tagged>,
        #[serde(default)]
        plain: Option<Plain>,
        #[serde(default)]
        pair: Option<(u8, u8)>,
    }

    #[test]
    fn what_says_what_it_means_is_read() {
        let text = r#"{"inner":{"amount":1,"from":"a"},"list":[{"from":"b","amount":2}],
            "map":{"x":{"from":"c","amount":3}},"texts":{"k":"v","K":"v"},
            "tagged":[{"type":"pay","to":"d"},{"days":["mon","tue"],"type":"plan"}],
            "plain":{"fields":{"b":2,"a":1}},"pair":[1,2]}"#;
        let read: Outer = from_slice(text.as_bytes()).unwrap();
        assert_eq!(read, serde_json::from_str(text).unwrap());
        assert_eq!(from_slice::<Plain>(br#""nothing""#).unwrap(), Plain::Nothing);
        let one = Plain::One(Inner { from: "a".into(), amount: 1 });
        assert_eq!(from_slice::<Plain>(br#"{"one":{"from":"a","amount":1}}"#).unwrap(), one);
    }

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for text in [
            r#"[null,[],{},{},[],null,null]"#,
            r#"{"inner":["a",1]}"#,
            r#"{"list":[["a",1]]}"#,
            r#"{"map":{"x":["a",1]}}"#,
            r#"{"tagged":[["pay","d"]]}"#,
            r#"{"plain":{"one":["a",1]}}"#,
            r#"{"plain":{"fields":[1,2]}}"#,
        ] {
            assert!(serde_json::from_str::<Outer>(text).is_ok(), "serde by itself would take {text}");
            let error = from_slice::<Outer>(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("invalid type: sequence"), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_comes_once_at_every_depth() {
        for text in [
            r#"{"inner":null,"inner":null}"#,
            r#"{"inner":{"from":"a","amount":1,"amount":2}}"#,
            r#"{"map":{"x":{"from":"a","amount":1},"x":{"from":"b","amount":1}}}"#,
            r#"{"texts":{"k":"v","k":"w"}}"#,
            r#"{"tagged":[{"type":"pay","to":"d","to":"e"}]}"#,
            r#"{"tagged":[{"type":"pay","type":"pay","to":"e"}]}"#,
            r#"{"plain":{"fields":{"a":1,"b":2,"b":3}}}"#,
        ] {
            assert!(from_slice::<Outer>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_follows_a_value() {
        assert!(from_slice::<Inner>(br#"{"from":"a","amount":1} {}"#).is_err());
    }
}
