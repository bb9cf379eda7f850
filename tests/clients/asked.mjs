// What the scripts of this folder for Node share: see asked.py.
import assert from 'node:assert/strict'
import readline from 'node:readline'

export const [URL, KEY, NOTE] = process.argv.slice(2)
export const ASK = `Summarise: ${NOTE}.`
export const BOOKING = 'Book a visit for Mr. Harold Finchley.'
export const AGAIN = 'Once more for Mr. Harold Finchley.'
export const UNCOVERED = 'bargain-1'
export const WHO = { type: 'object', properties: { who: { type: 'string' } }, required: ['who'], additionalProperties: false }

export const isEcho = (text) => assert.equal(text, `You said: ${ASK}`)
export const isBooked = (text) => assert.match(text, /Harold Finchley at 9/)
export const isHarold = (found) => assert.match(found.who, /Harold Finchley/)
export const isVector = (vector) => assert.ok(vector.length === 3 && [0.25, 0.5].includes(Math.abs(vector[1])), String(vector))

export function book({ who }) {
  assert.match(who, /Harold Finchley/)
  return `Booked for ${who} at 9.`
}

async function told(name, check) {
  const refuses = name === 'refusal'
  try {
    await check()
  } catch (error) {
    const text = String(error)
    if (refuses && text.includes('agreement-missing') && text.includes('45 CFR')) {
      return { ok: true, raised: error.constructor.name }
    }
    return { ok: false, why: `${error.stack} ${error.responseBody ?? ''}` }
  }
  return { ok: !refuses, why: 'it was not refused' }
}

export async function run(checks) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log('@' + JSON.stringify(await told(line, checks[line])))
  }
}
