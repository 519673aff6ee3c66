//! jangbu
