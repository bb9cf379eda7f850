// The official OpenAI client for Node, unchanged but for base URL and key: node openai.mjs CASE URL KEY NOTE
import assert from 'node:assert/strict'
import OpenAI from 'openai'

const [name, url, key, note] = process.argv.slice(2)
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
const ask = { model: 'acme-large', messages: [{ role: 'user', content: `Summarise: ${note}.` }] }
const echo = `You said: Summarise: ${note}.`
const tools = [{
  type: 'function',
  function: {
    name: 'book', description: 'Books a visit.',
    parameters: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
  },
}]
const booking = { model: 'acme-large', tools, messages: [{ role: 'user', content: 'Book a visit for Mr. Harold Finchley.' }] }

const cases = {
  async plain() {
    const answer = await client.chat.completions.create(ask)
    assert.equal(answer.choices[0].message.content, echo)
    assert.equal(answer.usage.total_tokens, 18)
  },

  async streamed() {
    let text = ''
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? ''
    }
    assert.equal(text, echo)
  },

  async streamedByHelper() {
    const stream = client.chat.completions.stream(ask)
    assert.equal(await stream.finalContent(), echo)
  },

  async toolAndResult() {
    const { choices: [{ message }] } = await client.chat.completions.create(booking)
    const [call] = message.tool_calls
    assert.match(JSON.parse(call.function.arguments).who, /Harold Finchley/)
    const messages = [...booking.messages, message,
      { role: 'tool', tool_call_id: call.id, content: 'Booked for Mr. Harold Finchley at 9.' }]
    const answer = await client.chat.completions.create({ ...booking, messages })
    assert.match(answer.choices[0].message.content, /Harold Finchley/)
  },

  async toolStreamed() {
    const message = await client.chat.completions.stream(booking).finalMessage()
    assert.match(JSON.parse(message.tool_calls[0].function.arguments).who, /Harold Finchley/)
  },

  async models() {
    const names = []
    for await (const model of client.models.list()) names.push(model.id)
    assert.ok(names.includes('acme-large'))
  },

  async errors() {
    const wrong = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'chp_wrong', maxRetries: 0 })
    await assert.rejects(wrong.chat.completions.create(ask), OpenAI.AuthenticationError)
    await assert.rejects(client.chat.completions.create({ ...ask, model: 'no-such' }), (error) =>
      error instanceof OpenAI.NotFoundError && error.code === 'model-unknown')
    await assert.rejects(client.chat.completions.create({ ...ask, model: 'bargain-1' }), (error) =>
      error instanceof OpenAI.PermissionDeniedError && error.code === 'agreement-missing')
    await assert.rejects(client.chat.completions.create({ ...ask, messages: 'none' }), OpenAI.BadRequestError)
  },

  async busyVendor() {
    await assert.rejects(client.chat.completions.create(ask), (error) =>
      error instanceof OpenAI.RateLimitError && !String(error).includes('Finchley'))
  },
}

await cases[name]()
