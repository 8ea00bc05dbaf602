set local search_path = sealpost;

-- Single sign-on was among the rules of signing in; it is a kind of its own now. Who wanted a second person for it still does.
update organisation set settings = jsonb_set(settings, '{fourEyes}', (settings -> 'fourEyes') || '["single-sign-on"]')
  where settings -> 'fourEyes' ? 'sign-in' and not settings -> 'fourEyes' ? 'single-sign-on';
