def install(state, description): pass
