from hypothesis import settings

# A shared machine stalls now and then: how long one example takes says nothing.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
