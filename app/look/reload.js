// The page is loaded anew, so that another choice of light or dark takes effect.
location.reload();
