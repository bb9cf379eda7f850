// The official Anthropic client for Node, unchanged but for base URL and key: node anthropic.mjs CASE URL KEY NOTE
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'

const [name, url, key, note] = process.argv.slice(2)
const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
const ask = { model: 'acme-large', max_tokens: 64, messages: [{ role: 'user', content: `Summarise: ${note}.` }] }
const echo = `You said: Summarise: ${note}.`
const tools = [{
  name: 'book', description: 'Books a visit.',
  input_schema: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
}]
const booking = { ...ask, tools, messages: [{ role: 'user', content: 'Book a visit for Mr. Harold Finchley.' }] }

const cases = {
  async plain() {
    const answer = await client.messages.create(ask)
    assert.equal(answer.content[0].text, echo)
    assert.equal(answer.usage.output_tokens, 7)
  },

  async streamed() {
    let text = ''
    for await (const event of await client.messages.create({ ...ask, stream: true })) {
      if (event.type === 'content_block_delta') text += event.delta.text
    }
    assert.equal(text, echo)
  },

  async streamedByHelper() {
    assert.equal(await client.messages.stream(ask).finalText(), echo)
  },

  async toolAndResult() {
    const message = await client.messages.create(booking)
    const used = message.content.find((part) => part.type === 'tool_use')
    assert.match(used.input.who, /Harold Finchley/)
    const messages = [...booking.messages, { role: 'assistant', content: message.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: used.id, content: 'Booked for Mr. Harold Finchley.' }] }]
    const answer = await client.messages.create({ ...booking, messages })
    assert.match(answer.content[0].text, /Harold Finchley/)
  },

  async toolStreamed() {
    const message = await client.messages.stream(booking).finalMessage()
    assert.match(message.content.find((part) => part.type === 'tool_use').input.who, /Harold Finchley/)
  },

  async errors() {
    const wrong = new Anthropic({ baseURL: url, apiKey: 'chp_wrong', maxRetries: 0 })
    await assert.rejects(wrong.messages.create(ask), Anthropic.AuthenticationError)
    await assert.rejects(client.messages.create({ ...ask, model: 'no-such' }), Anthropic.NotFoundError)
    await assert.rejects(client.messages.create({ ...ask, model: 'bargain-1' }), (error) =>
      error instanceof Anthropic.PermissionDeniedError && String(error).includes('workflow-uncovered'))
  },

  async busyVendor() {
    await assert.rejects(client.messages.create(ask), (error) =>
      error instanceof Anthropic.RateLimitError && !String(error).includes('Finchley'))
  },
}

await cases[name]()
