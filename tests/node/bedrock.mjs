// Amazon's client for Bedrock's runtime, unchanged but for endpoint and key: node bedrock.mjs CASE URL KEY NOTE
// It speaks HTTP/2 without asking first (prior knowledge) to a plain endpoint, and by ALPN over TLS.
import assert from 'node:assert/strict'
import {
  AccessDeniedException, BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand,
  InvokeModelWithResponseStreamCommand, ResourceNotFoundException, ThrottlingException,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'

const [name, url, key, note] = process.argv.slice(2)
const config = { region: 'us-east-1', endpoint: url, maxAttempts: 1 }
const signed = (sessionToken) => ({ ...config, credentials: { accessKeyId: 'any', secretAccessKey: 'any', sessionToken } })
const client = new BedrockRuntimeClient(signed(key))
const ask = { modelId: 'acme-claude', messages: [{ role: 'user', content: [{ text: `Summarise: ${note}.` }] }] }
const echo = `You said: Summarise: ${note}.`
const toolConfig = { tools: [{ toolSpec: { name: 'book', description: 'Books a visit.', inputSchema: {
  json: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] } } } }] }
const invoked = {
  modelId: 'acme-claude', contentType: 'application/json',
  body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 64,
    messages: [{ role: 'user', content: `Summarise: ${note}.` }] }),
}
const decode = (bytes) => JSON.parse(new TextDecoder().decode(bytes))

async function converse(of = client) {
  const answer = await of.send(new ConverseCommand(ask))
  assert.equal(answer.output.message.content[0].text, echo)
  assert.equal(answer.usage.totalTokens, 18)
}

async function streamed(of = client) {
  let text = ''
  for await (const event of (await of.send(new ConverseStreamCommand(ask))).stream) {
    text += event.contentBlockDelta?.delta.text ?? ''
  }
  assert.equal(text, echo)
}

const cases = {
  async http2WithoutAsking() {
    assert.equal(client.config.requestHandler.metadata.handlerProtocol, 'h2')
    await converse()
    await streamed()
    await Promise.all(Array.from({ length: 8 }, (_, at) => at % 2 ? converse() : streamed()))
  },

  async http1() {
    const plain = new BedrockRuntimeClient({ ...signed(key), requestHandler: new NodeHttpHandler() })
    await converse(plain)
    await streamed(plain)
  },

  async toolStreamed() {
    let input = ''
    const booking = { ...ask, toolConfig }
    for await (const event of (await client.send(new ConverseStreamCommand(booking))).stream) {
      input += event.contentBlockDelta?.delta.toolUse?.input ?? ''
    }
    assert.match(JSON.parse(input).who, /Harold Finchley/)
  },

  async toolAndResult() {
    const booking = { ...ask, toolConfig }
    const { output: { message } } = await client.send(new ConverseCommand(booking))
    const { toolUse } = message.content.find((part) => part.toolUse)
    assert.match(toolUse.input.who, /Harold Finchley/)
    const result = { toolUseId: toolUse.toolUseId, content: [{ text: 'Booked for Mr. Harold Finchley.' }] }
    const messages = [...ask.messages, message, { role: 'user', content: [{ toolResult: result }] }]
    const answer = await client.send(new ConverseCommand({ ...booking, messages }))
    assert.match(answer.output.message.content[0].text, /Harold Finchley/)
  },

  async invoke() {
    const answer = await client.send(new InvokeModelCommand(invoked))
    assert.equal(decode(answer.body).content[0].text, echo)
  },

  async invokeStreamed() {
    let text = ''
    for await (const event of (await client.send(new InvokeModelWithResponseStreamCommand(invoked))).body) {
      text += decode(event.chunk.bytes).delta?.text ?? ''
    }
    assert.equal(text, echo)
  },

  async errors() {
    const wrong = new BedrockRuntimeClient(signed('chp_wrong'))
    await assert.rejects(wrong.send(new ConverseCommand(ask)), AccessDeniedException)
    await assert.rejects(client.send(new ConverseCommand({ ...ask, modelId: 'no-such' })), ResourceNotFoundException)
    await assert.rejects(client.send(new ConverseStreamCommand({ ...ask, modelId: 'bargain-claude' })), (error) =>
      error instanceof AccessDeniedException && error.message.includes('workflow-uncovered'))
  },

  async busyVendor() {
    await assert.rejects(client.send(new ConverseCommand(ask)), (error) =>
      error instanceof ThrottlingException && !String(error).includes('Finchley'))
  },

  async brokenStream() {
    const { stream } = await client.send(new ConverseStreamCommand(ask))
    await assert.rejects(async () => { for await (const _ of stream); }, (error) =>
      error.name === 'ModelStreamErrorException' && error.message.includes('upstream-malformed'))
  },

  async bearer() {
    await converse(new BedrockRuntimeClient({ ...config, token: { token: key }, authSchemePreference: ['httpBearerAuth'] }))
  },
}

await cases[name]()
process.exit(0)
