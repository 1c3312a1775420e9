#!/usr/bin/env node
// The command `signalbox`: starts src/main.ts with the arguments given, on a Node.js that can run it.
'use strict'

process.argv.splice(2, 0, require('path').join(__dirname, '..', 'src', 'main.ts'))
require('./run.cjs')
