import assert from 'node:assert/strict';
import { test } from 'node:test';
import { members } from './public-api.mjs';

/** The structure of a page as rustdoc writes it. */
const PAGE = `
<span id="structfield.owner" class="structfield section-header"><code>owner: OwnerId</code></span>
<section id="variant.TooLarge" class="variant"></section>
<span id="variant.TooLarge.field.limit" class="section-header"></span>
<div id="implementations-list">
  <section id="impl-Amount" class="impl"><h3 class="code-header">impl <a>Amount</a></h3></section>
  <section id="associatedconstant.MAX" class="associatedconstant"></section>
  <section id="method.parse" class="method"></section>
</div>
<div id="trait-implementations-list">
  <section id="impl-From" class="impl"><h3 class="code-header">impl <a>From</a>&lt;<a>Amount</a>&gt; for <a>Amount</a></h3></section>
  <section id="method.from" class="method trait-impl"></section>
  <section id="impl-Eq" class="impl"><h3 class="code-header">impl StructuralPartialEq for Amount</h3></section>
</div>
<div id="synthetic-implementations-list">
  <section id="impl-Send" class="impl"><h3 class="code-header">impl Send for Amount</h3></section>
  <section id="impl-Sync" class="impl"><h3 class="code-header">impl !Sync for Amount</h3></section>
  <section id="impl-Unpin" class="impl"><h3 class="code-header">impl Unpin for Amount</h3></section>
</div>
<div id="blanket-implementations-list">
  <section id="impl-Any" class="impl"><h3 class="code-header">impl&lt;T&gt; Any for T</h3></section>
</div>`;

test('the members of an item are its own, with the traits that it implements', () => {
  assert.deepEqual(members(PAGE), [
    'const MAX',
    'field owner',
    'fn parse',
    'variant TooLarge',
    'variant TooLarge.limit',
    'implements From<Amount>, Send',
  ]);
});
