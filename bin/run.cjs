#!/usr/bin/env node
// Runs the arguments on Node.js 24 or newer: this Node if it is new enough, else the one pinned in
// tools/node-runtime. Old syntax throughout, so that any Node can read the file and say what is missing.
'use strict'

const path = require('path')

const NODE_MAJOR_MIN = 24
const args = process.argv.slice(2)

function pinnedNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const prefix = os === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  try {
    const manifest = require.resolve(prefix + '-' + os + '-' + process.arch + '/package.json')
    return path.join(path.dirname(manifest), require(manifest).bin.node)
  } catch {
    return undefined
  }
}

function runInThisProcess(file) {
  process.argv.splice(1, 1)
  process.argv[1] = path.resolve(file)
  import(require('url').pathToFileURL(process.argv[1]).href)
}

function runInChild(node) {
  const searchPath = path.dirname(node) + path.delimiter + process.env.PATH
  const env = Object.assign({}, process.env, { PATH: searchPath })
  const child = require('child_process').spawn(node, args, { stdio: 'inherit', env: env })
  ;['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (name) {
    process.on(name, function () {
      child.kill(name)
    })
  })
  child.on('exit', function (code, signal) {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else {
      process.exit(code)
    }
  })
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN
if (isNewEnough && args[0] && args[0][0] !== '-') {
  runInThisProcess(args[0])
} else {
  const node = isNewEnough ? process.execPath : pinnedNode()
  if (node) {
    runInChild(node)
  } else {
    console.error(
      'Node.js ' +
        NODE_MAJOR_MIN +
        ' or newer is needed, this is ' +
        process.version +
        '. Run "npm ci" (without --omit), or install Node.js 26 LTS.',
    )
    process.exit(1)
  }
}
