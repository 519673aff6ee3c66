import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGES, PUBLISHED, ROOT } from './workspace.mjs';

const read = (file) => readFileSync(join(ROOT, file), 'utf8');
const product = PACKAGES.find(({ name }) => name === 'jangbu');

for (const each of PUBLISHED) {
  test(`${each.name} can be published`, () => {
    assert.ok(each.description, 'description');
    assert.equal(each.license, 'MIT OR Apache-2.0');
    assert.equal(each.repository, product.repository);
    assert.equal(each.documentation, `https://docs.rs/${each.name}`);
    // The limits of crates.io.
    assert.ok(each.keywords.length > 0 && each.keywords.length <= 5, 'between one and five keywords');
    assert.ok(each.keywords.every((word) => word.length <= 20), 'keywords of at most 20 characters');
    assert.ok(each.categories.length > 0 && each.categories.length <= 5, 'between one and five categories');
    assert.ok(each.metadata?.docs?.rs, 'package.metadata.docs.rs');
    for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
      assert.ok(existsSync(join(each.directory, file)), `${file} beside its Cargo.toml`);
    }
  });

  test(`what ${each.name} depends on can be published`, () => {
    const names = new Set(PUBLISHED.map(({ name }) => name));
    // Cargo removes a development dependency without a version when it packages a crate.
    const needed = each.dependencies.filter(({ kind, req }) => kind !== 'dev' || req !== '*');
    const unpublished = needed.filter(({ name, path }) => path && !names.has(name));
    assert.deepEqual(unpublished.map(({ name }) => name), []);
    assert.deepEqual(needed.filter(({ req }) => req === '*').map(({ name }) => name), [], 'a version is missing');
  });
}

test('all packages have one version and one oldest supported Rust', () => {
  for (const each of PACKAGES) {
    assert.equal(each.version, product.version, each.name);
    assert.equal(each.rust_version, product.rust_version, each.name);
    assert.equal(each.edition, product.edition, each.name);
  }
});

test('documents and the image name the oldest supported Rust', () => {
  const versions = (file, pattern) => [...read(file).matchAll(pattern)].map(([, version]) => version);
  for (const [file, pattern] of [
    ['README.md', /\bRust (1\.\d+)/g],
    ['CONTRIBUTING.md', /\bRust (1\.\d+)/g],
    ['deploy/Dockerfile', /^FROM rust:(1\.\d+)/gm],
  ]) {
    const found = versions(file, pattern);
    assert.ok(found.length > 0, `${file} names no version`);
    assert.deepEqual([...new Set(found)], [product.rust_version], file);
  }
});

test('the toolchain file asks for no fixed version, and is not part of the image', () => {
  assert.match(read('rust-toolchain.toml'), /^channel = "stable"$/m);
  // The image has the compiler that it was built from; rustup would download another one.
  assert.match(read('.dockerignore'), /^rust-toolchain\.toml$/m);
});
