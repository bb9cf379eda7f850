// Chat completions and embeddings of OpenAI's client for Node.
import { AGAIN, ASK, BOOKING, KEY, UNCOVERED, URL, WHO, book, isBooked, isEcho, isHarold, isVector, run } from './asked.mjs'
// settings
import OpenAI from 'openai'

const client = new OpenAI({ baseURL: `${URL}/v1`, apiKey: KEY })
// end
const model = 'acme-large'
const said = { model, messages: [{ role: 'user', content: ASK }] }
const tools = [{ type: 'function', function: { name: 'book', description: 'Books.', parameters: WHO } }]

await run({
  async plain() {
    isEcho((await client.chat.completions.create(said)).choices[0].message.content)
  },

  async stream() {
    let text = ''
    for await (const chunk of await client.chat.completions.create({ ...said, stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? ''
    }
    isEcho(text)
  },

  async tools() {
    const messages = []
    for (const content of [BOOKING, AGAIN]) {
      messages.push({ role: 'user', content })
      const { choices: [{ message }] } = await client.chat.completions.create({ model, messages, tools })
      const [call] = message.tool_calls
      const result = book(JSON.parse(call.function.arguments))
      messages.push(message, { role: 'tool', tool_call_id: call.id, content: result })
      const { choices: [last] } = await client.chat.completions.create({ model, messages, tools })
      isBooked(last.message.content)
      messages.push(last.message)
    }
  },

  async structured() {
    const answer = await client.chat.completions.parse({
      model, messages: [{ role: 'user', content: BOOKING }],
      response_format: { type: 'json_schema', json_schema: { name: 'who', strict: true, schema: WHO } },
    })
    isHarold(JSON.parse(answer.choices[0].message.content))
  },

  async embeddings() {
    isVector((await client.embeddings.create({ model, input: [ASK] })).data[0].embedding)
  },

  async refusal() {
    await client.chat.completions.create({ ...said, model: UNCOVERED })
  },
})
