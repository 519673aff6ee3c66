//! What the types of commands and refusals declare, and how much of it was drawn.
//!
//! Every drawn value is read back through a deserializer that records what the derived code requests: the names of all
//! fields of a struct and of all variants of an enum, whether they were drawn or not. A field or a variant that is
//! added to a type is therefore reported automatically as never drawn.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess};
use serde::de::{VariantAccess, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::{Error, Value};

/// The number of distinct values to remember per field.
const ENOUGH: usize = 2;

/// The declared and drawn items, by path: `linked.steps[].settle.amount` is the amount of a settling step.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// The first distinct values of a field: whether an option is set, whether a list is empty, which variant an enum
    /// has.
    values: BTreeMap<String, BTreeSet<String>>,
    /// The variants that an enum declares.
    variants: BTreeMap<String, &'static [&'static str]>,
}

impl Drawn {
    /// Records a value under the name of its kind.
    pub(crate) fn note<T: Serialize + DeserializeOwned + PartialEq>(&mut self, kind: &str, value: &T) {
        let json = serde_json::to_value(value).unwrap();
        let drawn = RefCell::new(std::mem::take(self));
        let read = T::deserialize(Reader { value: &json, path: kind.into(), drawn: &drawn });
        *self = drawn.into_inner();
        assert!(read.unwrap_or_else(|error| panic!("{error} in {json}")) == *value, "{json} reads back as it was");
    }

    /// Returns what was never drawn: variants, and fields with fewer than two values.
    pub(crate) fn lacking(&self) -> Vec<String> {
        let few = |(path, values): (&String, &BTreeSet<String>)| {
            let fields_below = || self.values.keys().any(|other| other.starts_with(&format!("{path}.")));
            match self.variants.get(path) {
                Some(_) => None,
                None if values.is_empty() && fields_below() => None,
                None => (values.len() < ENOUGH).then(|| format!("{path} was {values:?} alone")),
            }
        };
        let never = self
            .variants
            .keys()
            .flat_map(|path| self.never(path).into_iter().map(move |variant| format!("{path} was never {variant}")));
        self.values.iter().filter_map(few).chain(never).collect()
    }

    /// Returns the variants of the enum at a path that were never drawn.
    pub(crate) fn never(&self, path: &str) -> Vec<&'static str> {
        let drawn = |variant: &str| self.values.get(path).is_some_and(|drawn| drawn.contains(variant));
        self.variants.get(path).into_iter().flat_map(|all| all.iter().copied()).filter(|it| !drawn(it)).collect()
    }

    fn value(&mut self, path: &str, value: impl Into<String>) {
        let values = self.values.entry(path.to_owned()).or_default();
        if values.len() < ENOUGH || self.variants.contains_key(path) {
            values.insert(value.into());
        }
    }

    fn declare(&mut self, path: &str) {
        self.values.entry(path.to_owned()).or_default();
    }
}

/// Reads one value and records what is requested of it.
struct Reader<'a> {
    value: &'a Value,
    path: String,
    drawn: &'a RefCell<Drawn>,
}

impl<'a> Reader<'a> {
    fn below(&self, value: &'a Value, name: &str) -> Reader<'a> {
        Reader { value, path: format!("{}{name}", self.path), drawn: self.drawn }
    }

    fn fields(&self, fields: &'static [&'static str]) {
        for field in fields {
            let path = format!("{}.{field}", self.path);
            match self.value.get(field) {
                // An option that is omitted if it is not set.
                None if self.value.is_object() => self.drawn.borrow_mut().value(&path, "none"),
                _ => self.drawn.borrow_mut().declare(&path),
            }
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.drawn.borrow_mut().value(&self.path, self.value.to_string());
        self.value.clone().deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let is_there = !self.value.is_null();
        self.drawn.borrow_mut().value(&self.path, if is_there { "some" } else { "none" });
        match is_there {
            true => visitor.visit_some(Reader { path: format!("{}?", self.path), ..self }),
            false => visitor.visit_none(),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Array(items) = self.value else { return self.value.clone().deserialize_seq(visitor) };
        self.drawn.borrow_mut().value(&self.path, items.len().to_string());
        let items = items.iter().map(|item| self.below(item, "[]")).collect::<Vec<_>>();
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        let Value::Array(items) = self.value else { return self.value.clone().deserialize_seq(visitor) };
        let item = |(place, item)| self.below(item, &format!(".{place}"));
        visitor.visit_seq(Items(items.iter().enumerate().map(item).collect::<Vec<_>>().into_iter()))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields);
        let Value::Object(found) = self.value else { return self.value.clone().deserialize_map(visitor) };
        let fields = found.iter().map(|(name, value)| (name.clone(), self.below(value, &format!(".{name}"))));
        visitor.visit_map(Fields { rest: fields.collect::<Vec<_>>().into_iter(), next: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (variant, content) = match self.value {
            Value::Object(found) if found.len() == 1 => found.iter().next().unwrap(),
            Value::String(variant) => (variant, &Value::Null),
            _ => return self.value.clone().deserialize_enum("", variants, visitor),
        };
        {
            let mut drawn = self.drawn.borrow_mut();
            drawn.variants.insert(self.path.clone(), variants);
            drawn.value(&self.path, variant.clone());
        }
        visitor.visit_enum(Variant { name: variant.clone(), content: self.below(content, &format!(".{variant}")) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct map
        identifier ignored_any
    }
}

/// The items of a list.
struct Items<'a>(std::vec::IntoIter<Reader<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

/// The fields of a struct.
struct Fields<'a> {
    rest: std::vec::IntoIter<(String, Reader<'a>)>,
    next: Option<Reader<'a>>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.next = Some(value);
        let name: StringDeserializer<Error> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.next.take().unwrap())
    }
}

/// One variant of an enum and its contents.
struct Variant<'a> {
    name: String,
    content: Reader<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Reader<'a>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Reader<'a>), Error> {
        let name: StrDeserializer<'_, Error> = self.name.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
    }
}
