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

const said = { model: 'acme-large', input: `Summarise: ${note}.` }
const responding = {
  model: 'acme-large', store: false, include: ['reasoning.encrypted_content'],
  tools: [{ type: 'function', strict: false, ...tools[0].function }],
  input: [{ role: 'user', content: 'Book a visit for Mr. Harold Finchley.' }],
}

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

  async response() {
    const answer = await client.responses.create(said)
    assert.equal(answer.output_text, echo)
    assert.equal(answer.usage.total_tokens, 18)
  },

  async responseStreamed() {
    const told = { delta: '' }
    const numbers = []
    for await (const event of await client.responses.create({ ...said, stream: true })) {
      numbers.push(event.sequence_number)
      if (event.type === 'response.output_text.delta') told.delta += event.delta
      if (event.type === 'response.output_text.done') told.done = event.text
      if (event.type === 'response.content_part.done') told.part = event.part.text
      if (event.type === 'response.output_item.done') told.item = event.item.content[0].text
      if (event.type === 'response.completed') told.response = event.response.output[0].content[0].text
    }
    assert.deepEqual(told, { delta: echo, done: echo, part: echo, item: echo, response: echo })
    assert.deepEqual(numbers, numbers.map((_, index) => index))
  },

  async responseStreamedByHelper() {
    const answer = await client.responses.stream(said).finalResponse()
    assert.equal(answer.output_text, echo)
  },

  async responseToolAndResult() {
    const { output } = await client.responses.create(responding)
    const call = output.find((item) => item.type === 'function_call')
    assert.match(JSON.parse(call.arguments).who, /Harold Finchley/)
    const result = { type: 'function_call_output', call_id: call.call_id, output: 'Booked for Mr. Harold Finchley.' }
    const answer = await client.responses.create({ ...responding, input: [...responding.input, ...output, result] })
    assert.match(answer.output_text, /Harold Finchley/)
  },

  async responseToolStreamed() {
    const { output } = await client.responses.stream(responding).finalResponse()
    assert.match(JSON.parse(output.at(-1).arguments).who, /Harold Finchley/)
  },

  async responseErrors() {
    await assert.rejects(client.responses.create({ ...said, previous_response_id: 'resp_1' }), (error) =>
      error instanceof OpenAI.PermissionDeniedError && /vendor-state/.test(error.message))
    await assert.rejects(client.responses.create({ ...said, tools: [{ type: 'web_search' }] }), (error) =>
      error instanceof OpenAI.PermissionDeniedError && /hosted-tool/.test(error.message))
  },

  async responseCutOff() {
    const stream = await client.responses.create({ ...said, stream: true })
    await assert.rejects((async () => { for await (const _ of stream); })(), (error) =>
      error instanceof OpenAI.APIError && error.code === 'upstream-malformed')
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
